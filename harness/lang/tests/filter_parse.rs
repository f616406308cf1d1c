//! What the parser accepts, what it refuses, and in which words.

use scim_lang::filter::{CompareOp, Filter, FilterErrorKind as Kind, parse};
use scim_lang::path::{AttrPath, PathError};

/// RFC 7644 §3.4.2.2, figure 2, and §3.10; those that hold the grammar.
const RFC_EXAMPLES: &[&str] = &[
    r#"userName eq "bjensen""#,
    r#"name.familyName co "O'Malley""#,
    r#"userName sw "J""#,
    r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
    "title pr",
    r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
    r#"title pr and userType eq "Employee""#,
    r#"title pr or userType eq "Intern""#,
    r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
    r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType eq "Employee" and (emails.type eq "work")"#,
    r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
    r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984""#,
];

#[test]
fn the_examples_of_the_rfc_parse_and_print_as_written_but_for_idle_parentheses() {
    for text in RFC_EXAMPLES {
        let filter = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let fewer = text.replace(r#"(emails.type eq "work")"#, r#"emails.type eq "work""#);
        assert_eq!(filter.to_string(), fewer);
    }
}

#[test]
fn precedence_is_not_and_or() {
    let p = |name: &str| Filter::Present(AttrPath::new(name));
    let table = [
        ("a pr or b pr and c pr", p("a").or(p("b").and(p("c")))),
        ("a pr and b pr or c pr", p("a").and(p("b")).or(p("c"))),
        ("(a pr or b pr) and c pr", p("a").or(p("b")).and(p("c"))),
        ("not (a pr) and b pr", p("a").negated().and(p("b"))),
        ("a pr or b pr or c pr", p("a").or(p("b")).or(p("c"))),
        ("a pr or (b pr or c pr)", p("a").or(p("b").or(p("c")))),
        ("not(not(a pr))", p("a").negated().negated()),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text), Ok(expected), "{text}");
    }
}

#[test]
fn words_of_the_language_have_any_case_and_may_be_attributes() {
    for text in [
        r#"USERNAME EQ "x""#,
        "title PR",
        "a pr AND b Pr",
        "a pr Or b pr",
        "NOT (a pr)",
        "nOt(a pr)",
        "not pr",
        "and pr",
        r#"or eq "x""#,
        "pr pr",
        "not[not pr]",
        "a pr and and pr",
        "nothing pr",
        "a pr and order pr",
        "not (not pr)",
        "((a pr))",
    ] {
        assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
    }
}

#[test]
fn literals_are_json() {
    let value = |text: &str| match parse(&format!("a eq {text}")) {
        Ok(Filter::Compare { value, .. }) => value,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(value(r#""\"\\\/\b\f\n\r\t\u00e9\ud835\udd18é""#), "\"\\/\u{8}\u{c}\n\r\té𝔘é");
    assert_eq!(value("-0.50E+3").to_string(), "-0.50E+3");
    assert_eq!(value("1e400").to_string(), "1e400");
    assert!(value("null").is_null() && value("true") == true && value("false") == false);
    assert_eq!(value(r#""not (a pr) and ]""#), "not (a pr) and ]");
}

#[test]
fn every_mistake_has_its_kind_and_its_place() {
    let word = str::to_owned;
    let table: Vec<(&str, &str, Kind)> = vec![
        // Tier 1: the grammar has nothing like it.
        ("", "", Kind::Empty),
        (r#"userName eq "x"#, "\"x", Kind::UnterminatedString),
        (r#"userName eq "x\"#, "\\", Kind::UnterminatedString),
        (r#"(userName eq "x""#, "(", Kind::UnclosedParenthesis),
        ("a pr and (b pr", "(", Kind::UnclosedParenthesis),
        ("(", "(", Kind::UnclosedParenthesis),
        ("emails[(type pr]", "(", Kind::UnclosedParenthesis),
        (r#"userName eq "x")"#, ")", Kind::UnopenedParenthesis),
        (r#"emails[type eq "x""#, "[", Kind::UnclosedBracket),
        ("emails[type pr)", "[", Kind::UnclosedBracket),
        ("title pr]", "]", Kind::UnopenedBracket),
        ("userName eq", "", Kind::MissingOperand),
        ("userName eq ", " ", Kind::MissingOperand),
        ("(userName eq)", ")", Kind::MissingOperand),
        ("userName", "", Kind::MissingOperator),
        ("userName ", "", Kind::MissingOperator),
        (r#"userName "x""#, "", Kind::MissingOperator),
        (r#"userName"x""#, "\"", Kind::MissingOperator),
        (r#"userName regex "a.*""#, "regex", Kind::UnknownOperator(word("regex"))),
        ("a pr and", "and", Kind::TrailingLogicalWord(word("and"))),
        ("a pr Or ", "Or", Kind::TrailingLogicalWord(word("Or"))),
        ("(a pr and)", "and", Kind::TrailingLogicalWord(word("and"))),
        ("and title pr", "and", Kind::LeadingLogicalWord(word("and"))),
        ("a pr and or b pr", "or", Kind::LeadingLogicalWord(word("or"))),
        (r#"or a eq "x""#, "or", Kind::LeadingLogicalWord(word("or"))),
        ("a pr b pr", "b", Kind::MissingLogicalWord),
        ("(a pr)(b pr)", "(", Kind::MissingLogicalWord),
        (r#"a eq "x" "y""#, "\"", Kind::MissingLogicalWord),
        ("a pr andb pr", "a", Kind::MissingLogicalWord),
        ("()", "()", Kind::EmptyParentheses),
        ("not ()", "()", Kind::EmptyParentheses),
        ("emails[]", "[]", Kind::EmptyBrackets),
        (r#""x" eq userName"#, "\"", Kind::LiteralFirst),
        ("5 eq a", "5", Kind::LiteralFirst),
        (r#"title pr "x""#, "", Kind::OperandAfterPresent),
        (r#"title pr"x""#, "", Kind::OperandAfterPresent),
        ("title pr 5", "", Kind::OperandAfterPresent),
        ("title pr true", "", Kind::OperandAfterPresent),
        (r#"a eq "\x""#, "\\x", Kind::BadEscape(word("\\x"))),
        (r#"a eq "\u12""#, "\\u", Kind::BadEscape(word("\\u"))),
        (r#"a eq "\ud800""#, "\\ud800", Kind::LoneSurrogate(word("\\ud800"))),
        ("a eq \"x\ny\"", "\n", Kind::ControlCharacter('\n')),
        ("a eq \"\u{0}\"", "\u{0}", Kind::ControlCharacter('\u{0}')),
        ("a eq 01", "01", Kind::BadNumber(word("01"))),
        ("a eq +1", "+1", Kind::BadNumber(word("+1"))),
        ("a eq .5", ".5", Kind::BadNumber(word(".5"))),
        ("a eq 1.", "1.", Kind::BadNumber(word("1."))),
        ("a eq 1e", "1e", Kind::BadNumber(word("1e"))),
        ("9lives pr", "9lives", Kind::BadAttribute(PathError::BadStart(word("9lives")))),
        ("-x pr", "-x", Kind::BadAttribute(PathError::BadStart(word("-x")))),
        ("a.b.c pr", "a.b.c", Kind::BadAttribute(PathError::TooManyNames(word("b.c")))),
        ("a. pr", "a.", Kind::BadAttribute(PathError::MissingName)),
        (")", ")", Kind::ExpectedExpression(')')),
        ("'a' eq 1", "'", Kind::LiteralFirst),
        (r#"a eq "x"y"#, "y", Kind::Unexpected('y')),
        // Tier 2: a server should refuse it.
        ("not title pr", "not", Kind::NotWithoutParentheses),
        ("a pr and not b pr", "not", Kind::NotWithoutParentheses),
        ("emails[x[y pr]]", "[", Kind::NestedValuePath),
        (
            "emails[urn:ietf:params:scim:schemas:core:2.0:User:type pr]",
            "urn:ietf:params:scim:schemas:core:2.0:User:type",
            Kind::SchemaInBrackets,
        ),
        ("emails[type.x pr]", "type.x", Kind::SubAttributeInBrackets),
        ("emails.type[value pr]", "[", Kind::SubAttributeBeforeBrackets),
        // Tier 3: some servers take it.
        ("userType eq Employee", "Employee", Kind::UnquotedOperand(word("Employee"))),
        ("a gt 2011-05-13", "2011-05-13", Kind::BadNumber(word("2011-05-13"))),
        ("a sw 'Group'", "'", Kind::SingleQuotes),
        (r#"userName eq"x""#, "\"", Kind::MissingSpace),
        ("a pr and(b pr)", "(", Kind::MissingSpace),
        ("active eq True", "True", Kind::LiteralCase(word("True"))),
        ("emails[type pr].value pr", ".", Kind::SubAttributeAfterBrackets),
        ("a  pr", "  ", Kind::StraySpace),
        ("a\tpr", "\t", Kind::StraySpace),
        ("a eq  1", "  ", Kind::StraySpace),
        ("a pr  and b pr", " ", Kind::StraySpace),
        ("a pr and  b pr", " ", Kind::StraySpace),
        ("a pr and\tb pr", "\t", Kind::StraySpace),
        (" a pr", " ", Kind::StraySpace),
        ("a pr ", " ", Kind::StraySpace),
        ("( a pr)", " ", Kind::StraySpace),
        ("(a pr )", " ", Kind::StraySpace),
        ("not  (a pr)", "  ", Kind::StraySpace),
        ("emails[ type pr]", " ", Kind::StraySpace),
        ("emails[type pr ]", " ", Kind::StraySpace),
        ("emails [type pr]", "", Kind::MissingOperator),
        ("a\u{3000}pr", "\u{3000}", Kind::StraySpace),
    ];
    let mut wrong = Vec::new();
    for (text, part, kind) in table {
        match parse(text) {
            Err(error) if error.kind == kind && &text[error.span.clone()] == part => {}
            other => wrong.push(format!("{text:?}: expected {kind:?} at {part:?}, got {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_error_reads_as_a_sentence_part_with_its_place() {
    let error = parse(r#"userName regex "a""#).unwrap_err();
    assert_eq!(error.to_string(), "`regex` is not an operator, at byte 9");
}

#[test]
fn only_a_single_equality_with_a_text_is_an_equality() {
    let filter = parse(r#"userName Eq "x""#).unwrap();
    assert_eq!(filter.equality(), Some((&AttrPath::new("userName"), "x")));
    for text in [r#"a ne "x""#, "a eq 1", "a pr", r#"not (a eq "x")"#, r#"a eq "x" and b pr"#] {
        assert_eq!(parse(text).unwrap().equality(), None, "{text}");
    }
    assert_eq!(CompareOp::ALL.len(), 9);
}
