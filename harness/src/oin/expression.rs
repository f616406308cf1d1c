//! The part of Okta's expression language that base URLs are written in (Okta: OIN Wizard, dynamic properties): texts,
//! tenant settings as `app.name`, joining, comparing, choosing, and the functions of texts.
//!
//! Everything is bounded: an expression is short, and what it yields is a URL.

use std::ops::Range;

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The bytes of the expression it is about.
    pub(crate) at: Range<usize>,
    /// What is wrong, in one sentence.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: String,
}

/// A tenant setting that an expression names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its name, without `app.`.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) at: Range<usize>,
}

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expression(Node);

/// Tells whether a text is an expression, and not simply a URL.
pub(crate) fn is_expression(text: &str) -> bool {
    !text.trim_start().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"))
}

impl Expression {
    /// Parses an expression.
    pub(crate) fn parse(text: &str) -> Result<Expression, Wrong> {
        if text.len() > LONGEST {
            let help = format!("an expression has at most {LONGEST} bytes here");
            return Err(Wrong { at: 0..text.len(), message: "the expression is too long".to_owned(), help });
        }
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, at: 0, end: text.len(), depth: 0 };
        let node = parser.choice()?;
        match parser.peek() {
            None => Ok(Expression(node)),
            Some(token) => Err(wrong(token.at.clone(), "this does not belong to the expression", JOIN)),
        }
    }

    /// Returns the tenant settings it names, in order.
    pub(crate) fn variables(&self) -> Vec<Variable> {
        let mut found = Vec::new();
        self.0.variables(&mut found);
        found
    }

    /// Works the expression out.
    pub(crate) fn value(&self, of: &dyn Fn(&str) -> Option<String>) -> Result<String, Wrong> {
        match self.0.value(of)? {
            Value::Text(text) => Ok(text),
            other => {
                let message = format!("the expression yields {}, and a base URL is a text", other.kind());
                Err(wrong(self.0.at.clone(), &message, JOIN))
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    kind: Kind,
    at: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Literal(Value),
    Variable(String),
    Join(Box<Node>, Box<Node>),
    Compare(&'static str, Box<Node>, Box<Node>),
    Both(Box<Node>, Box<Node>),
    Either(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Choose(Box<Node>, Box<Node>, Box<Node>),
    Call(String, Vec<Node>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Number(i64),
    Truth(bool),
    Null,
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text",
            Value::Number(_) => "a number",
            Value::Truth(_) => "true or false",
            Value::Null => "null",
        }
    }
}

impl Node {
    fn variables(&self, found: &mut Vec<Variable>) {
        match &self.kind {
            Kind::Variable(name) => found.push(Variable { name: name.clone(), at: self.at.clone() }),
            Kind::Literal(_) => {}
            Kind::Not(inner) => inner.variables(found),
            Kind::Join(left, right)
            | Kind::Compare(_, left, right)
            | Kind::Both(left, right)
            | Kind::Either(left, right) => {
                left.variables(found);
                right.variables(found);
            }
            Kind::Choose(condition, then, other) => {
                [condition, then, other].into_iter().for_each(|node| node.variables(found));
            }
            Kind::Call(_, arguments) => arguments.iter().for_each(|node| node.variables(found)),
        }
    }

    fn value(&self, of: &dyn Fn(&str) -> Option<String>) -> Result<Value, Wrong> {
        let bounded = |text: String| {
            if text.len() > LONGEST_VALUE {
                return Err(wrong(self.at.clone(), "this yields more than any URL", "shorten it"));
            }
            Ok(Value::Text(text))
        };
        match &self.kind {
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Variable(name) => {
                let value = of(name);
                value.map(Value::Text).ok_or_else(|| {
                    let message = format!("no tenant setting is called `{name}`");
                    wrong(self.at.clone(), &message, "add it as [[tenant-setting]], or write a name that is there")
                })
            }
            // Okta joins whatever stands on either side, as a text.
            Kind::Join(left, right) => bounded(shown(left.value(of)?) + &shown(right.value(of)?)),
            Kind::Compare(operator, left, right) => self.compare(operator, left.value(of)?, right.value(of)?),
            Kind::Both(left, right) => Ok(Value::Truth(left.truth(of)? && right.truth(of)?)),
            Kind::Either(left, right) => Ok(Value::Truth(left.truth(of)? || right.truth(of)?)),
            Kind::Not(inner) => Ok(Value::Truth(!inner.truth(of)?)),
            Kind::Choose(condition, then, other) => {
                if condition.truth(of)? {
                    then.value(of)
                } else {
                    other.value(of)
                }
            }
            Kind::Call(name, arguments) => match self.call(name, arguments, of)? {
                Value::Text(text) => bounded(text),
                other => Ok(other),
            },
        }
    }

    fn compare(&self, operator: &str, left: Value, right: Value) -> Result<Value, Wrong> {
        let order = match (&left, &right) {
            (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
            _ => None,
        };
        Ok(Value::Truth(match (operator, order) {
            ("==", _) => left == right,
            ("!=", _) => left != right,
            ("<", Some(order)) => order.is_lt(),
            (">", Some(order)) => order.is_gt(),
            ("<=", Some(order)) => order.is_le(),
            (">=", Some(order)) => order.is_ge(),
            _ => {
                let message = format!("`{operator}` compares numbers, not {} with {}", left.kind(), right.kind());
                return Err(wrong(self.at.clone(), &message, "compare lengths: String.len(app.name) > 0"));
            }
        }))
    }

    fn truth(&self, of: &dyn Fn(&str) -> Option<String>) -> Result<bool, Wrong> {
        match self.value(of)? {
            Value::Truth(truth) => Ok(truth),
            other => {
                let message = format!("a condition is true or false, and this is {}", other.kind());
                Err(wrong(self.at.clone(), &message, "compare it: String.len(app.name) > 0"))
            }
        }
    }

    fn text(&self, of: &dyn Fn(&str) -> Option<String>) -> Result<String, Wrong> {
        match self.value(of)? {
            Value::Text(text) => Ok(text),
            Value::Null => Ok(String::new()),
            other => {
                let message = format!("a text is needed here, and this is {}", other.kind());
                Err(wrong(self.at.clone(), &message, "give a text in quotes or a tenant setting"))
            }
        }
    }

    fn call(&self, name: &str, arguments: &[Node], of: &dyn Fn(&str) -> Option<String>) -> Result<Value, Wrong> {
        let Some((_, takes)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
            let message = format!("`{name}` is no function that base URLs can use");
            return Err(wrong(self.at.clone(), &message, &format!("known: {}", known.join(", "))));
        };
        if arguments.len() != *takes {
            let message = format!("`{name}` takes {takes}, and is given {}", arguments.len());
            return Err(wrong(self.at.clone(), &message, "separate arguments with commas"));
        }
        let texts: Vec<String> = arguments.iter().map(|argument| argument.text(of)).collect::<Result<_, _>>()?;
        let [first, second, third] = [0, 1, 2].map(|place| texts.get(place).map_or("", String::as_str));
        // Replacing nothing would put the other text between all characters.
        let replace = |most: usize| {
            if second.is_empty() { first.to_owned() } else { first.replacen(second, third, most) }
        };
        Ok(match name {
            "String.len" => Value::Number(i64::try_from(first.chars().count()).unwrap_or(i64::MAX)),
            "String.stringContains" => Value::Truth(first.contains(second)),
            "String.startsWith" => Value::Truth(first.starts_with(second)),
            "String.append" => Value::Text(first.to_owned() + second),
            "String.replace" => Value::Text(replace(usize::MAX)),
            "String.replaceFirst" => Value::Text(replace(1)),
            "String.removeSpaces" => Value::Text(first.replace(' ', "")),
            "String.toLowerCase" => Value::Text(first.to_lowercase()),
            "String.toUpperCase" => Value::Text(first.to_uppercase()),
            "String.substringBefore" => Value::Text(first.split_once(second).map_or(first, |(it, _)| it).to_owned()),
            _ => Value::Text(first.split_once(second).map_or("", |(_, it)| it).to_owned()),
        })
    }
}

fn shown(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Truth(truth) => truth.to_string(),
        Value::Null => String::new(),
    }
}

struct Token {
    kind: Word,
    at: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Text(String),
    Number(i64),
    Name(String),
    Sign(&'static str),
}

fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = match first {
            _ if first.is_whitespace() => {
                at += first.len_utf8();
                continue;
            }
            '\'' | '"' => {
                let Some(end) = rest[1..].find(first) else {
                    let help = format!("end it with {first}");
                    return Err(wrong(at..text.len(), "the text in quotes has no end", &help));
                };
                (Word::Text(rest[1..=end].to_owned()), end + 2)
            }
            '0'..='9' => {
                let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                let number = rest[..length].parse();
                let number = number.map_err(|_| wrong(at..at + length, "the number is too large", "shorten it"))?;
                (Word::Number(number), length)
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                (Word::Name(rest[..length].to_owned()), length)
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (Word::Sign(sign), sign.len()),
                None => {
                    let message = format!("`{}` has no meaning here", first.escape_debug());
                    return Err(wrong(at..at + first.len_utf8(), &message, QUOTE));
                }
            },
        };
        tokens.push(Token { kind, at: at..at + length });
        at += length;
    }
    Ok(tokens)
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    end: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token { kind: Word::Sign(next), .. }) if *next == sign);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), Wrong> {
        if self.take(sign) {
            return Ok(());
        }
        let at = self.peek().map_or(self.end..self.end, |token| token.at.clone());
        Err(wrong(at, &format!("`{sign}` is missing here"), &format!("add `{sign}`")))
    }

    fn choice(&mut self) -> Result<Node, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let at = self.peek().map_or(self.end..self.end, |token| token.at.clone());
            return Err(wrong(at, "the expression is nested too deeply", "make it simpler"));
        }
        let condition = self.either()?;
        let node = if self.take("?") {
            let then = self.choice()?;
            self.expect(":")?;
            let other = self.choice()?;
            let at = condition.at.start..other.at.end;
            Node { kind: Kind::Choose(Box::new(condition), Box::new(then), Box::new(other)), at }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(node)
    }

    fn either(&mut self) -> Result<Node, Wrong> {
        let mut left = self.both()?;
        while self.take("||") {
            left = pair(left, self.both()?, Kind::Either);
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Node, Wrong> {
        let mut left = self.comparison()?;
        while self.take("&&") {
            left = pair(left, self.comparison()?, Kind::Both);
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Node, Wrong> {
        let left = self.joined()?;
        let operator = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|operator| self.take(operator));
        let Some(operator) = operator else { return Ok(left) };
        let right = self.joined()?;
        Ok(pair(left, right, |left, right| Kind::Compare(operator, left, right)))
    }

    fn joined(&mut self) -> Result<Node, Wrong> {
        let mut left = self.single()?;
        while self.take("+") {
            left = pair(left, self.single()?, Kind::Join);
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Node, Wrong> {
        let Some(token) = self.peek() else {
            return Err(wrong(self.end..self.end, "the expression ends too early", QUOTE));
        };
        self.at += 1;
        let at = token.at.clone();
        let kind = match &token.kind {
            Word::Text(text) => Kind::Literal(Value::Text(text.clone())),
            Word::Number(number) => Kind::Literal(Value::Number(*number)),
            Word::Name(name) => return self.named(name, at),
            Word::Sign("!") => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(wrong(at, "the expression is nested too deeply", "make it simpler"));
                }
                let inner = self.single()?;
                self.depth -= 1;
                let at = at.start..inner.at.end;
                return Ok(Node { kind: Kind::Not(Box::new(inner)), at });
            }
            Word::Sign("(") => {
                let inner = self.choice()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Word::Sign(sign) => return Err(wrong(at, &format!("`{sign}` has nothing to work on here"), QUOTE)),
        };
        Ok(Node { kind, at })
    }

    fn named(&mut self, name: &str, at: Range<usize>) -> Result<Node, Wrong> {
        if self.take("(") {
            let mut arguments = Vec::new();
            if !self.take(")") {
                arguments.push(self.choice()?);
                while self.take(",") {
                    arguments.push(self.choice()?);
                }
                self.expect(")")?;
            }
            let end = self.tokens[self.at - 1].at.end;
            return Ok(Node { kind: Kind::Call(name.to_owned(), arguments), at: at.start..end });
        }
        let kind = match (name, name.strip_prefix("app.")) {
            ("true", _) => Kind::Literal(Value::Truth(true)),
            ("false", _) => Kind::Literal(Value::Truth(false)),
            ("null", _) => Kind::Literal(Value::Null),
            (_, Some(name)) if !name.is_empty() => Kind::Variable(name.to_owned()),
            _ => return Err(wrong(at, &format!("`{name}` has no value in a base URL"), QUOTE)),
        };
        Ok(Node { kind, at })
    }
}

fn pair(left: Node, right: Node, kind: impl FnOnce(Box<Node>, Box<Node>) -> Kind) -> Node {
    let at = left.at.start..right.at.end;
    Node { kind: kind(Box::new(left), Box::new(right)), at }
}

fn wrong(at: Range<usize>, message: &str, help: &str) -> Wrong {
    Wrong { at, message: message.to_owned(), help: help.to_owned() }
}

/// The functions, with how many arguments each takes (Okta: expression language reference, string functions).
const FUNCTIONS: &[(&str, usize)] = &[
    ("String.len", 1),
    ("String.stringContains", 2),
    ("String.startsWith", 2),
    ("String.append", 2),
    ("String.replace", 3),
    ("String.replaceFirst", 3),
    ("String.removeSpaces", 1),
    ("String.toLowerCase", 1),
    ("String.toUpperCase", 1),
    ("String.substringBefore", 2),
    ("String.substringAfter", 2),
];
/// Signs of two characters stand before their own beginnings.
const SIGNS: &[&str] = &["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "?", ":", "(", ")", ",", "!"];
const QUOTE: &str =
    "write texts in quotes and tenant settings as app.name: 'https://' + app.subdomain + '.example.com'";
const JOIN: &str = "join texts with +";
const LONGEST: usize = 4096;
const LONGEST_VALUE: usize = 8192;
const DEEPEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<String, String> {
        let of = |name: &str| match name {
            "subdomain" => Some("acme".to_owned()),
            "region" => Some(String::new()),
            _ => None,
        };
        let worked = Expression::parse(text).and_then(|expression| expression.value(&of));
        worked.map_err(|wrong| format!("{}..{} {}", wrong.at.start, wrong.at.end, wrong.message))
    }

    #[test]
    fn what_vendors_write_is_worked_out() {
        for (text, expected) in [
            ("'https://' + app.subdomain + '.x.com/scim2/'", "https://acme.x.com/scim2/"),
            ("\"https://\" + app.subdomain", "https://acme"),
            ("String.len(app.region) > 0 ? 'https://' + app.region + '.x.com' : 'https://x.com'", "https://x.com"),
            ("String.stringContains(app.subdomain, 'ac') && !false ? 'a' : 'b'", "a"),
            ("app.region == '' || true ? ('a' + 1) : null", "a1"),
            ("String.replace(app.subdomain, 'c', '') + String.toUpperCase('x')", "ameX"),
            ("String.substringBefore('a.b.c', '.') + String.substringAfter('a.b.c', '.')", "ab.c"),
            ("true ? false ? 'a' : 'b' : 'c'", "b"),
            ("String.replace('abc', '', 'x')", "abc"),
        ] {
            assert_eq!(value(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_mistake_is_told_at_its_place() {
        for (text, told) in [
            ("'https://", "0..9 the text in quotes has no end"),
            ("app.org + 'x'", "0..7 no tenant setting is called `org`"),
            ("'a' + ", "6..6 the expression ends too early"),
            ("'a' 'b'", "4..7 this does not belong to the expression"),
            ("https", "0..5 `https` has no value in a base URL"),
            ("'a' + $", "6..7 `$` has no meaning here"),
            ("String.len('a')", "0..15 the expression yields a number, and a base URL is a text"),
            ("app.subdomain ? 'a' : 'b'", "0..13 a condition is true or false, and this is a text"),
            ("String.len() > 0 ? 'a' : 'b'", "0..12 `String.len` takes 1, and is given 0"),
            ("user.login('a')", "0..15 `user.login` is no function that base URLs can use"),
            ("'a' < 'b' ? 'a' : 'b'", "0..9 `<` compares numbers, not a text with a text"),
            ("true ? 'a'", "10..10 `:` is missing here"),
        ] {
            assert_eq!(value(text), Err(told.to_owned()), "{text}");
        }
    }

    #[test]
    fn nothing_an_expression_does_is_unbounded() {
        assert!(value(&"(".repeat(3000)).expect_err("deep").contains("nested too deeply"));
        assert!(value(&"!".repeat(3000)).expect_err("deep").contains("nested too deeply"));
        assert!(value(&"'a'+".repeat(2000)).expect_err("long").contains("too long"));
        let wide = "String.replace('a', 'a', 'aaaaaaaa')";
        let nested = (0..12).fold(wide.to_owned(), |text, _| format!("String.replace({text}, 'a', 'aaaaaaaa')"));
        assert!(value(&nested).expect_err("wide").contains("more than any URL"));
    }

    #[test]
    fn a_url_is_no_expression() {
        assert!(!is_expression("https://acme.com/scim/v2"));
        assert!(is_expression("'https://' + app.subdomain"));
    }
}
