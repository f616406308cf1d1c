//! Which resources match: one table for the clauses, one for our readings of
//! what the RFC leaves open, one for what is refused.

use scim_lang::error::{ScimError, ScimType};
use scim_lang::filter::{EvalError, Matcher, matches, matches_element, parse};
use scim_lang::schema;
use serde_json::{Value, json};

fn ada() -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ],
        "id": "2819c223-Ab",
        "externalId": "00uAda",
        "userName": "Ada@example.test",
        "name": { "familyName": "O'Malley \"Ä\" \\", "givenName": "Ada" },
        "nickName": "",
        "profileUrl": null,
        "phoneNumbers": [],
        "addresses": [{}],
        "active": true,
        "emails": [
            { "value": "ada@work.test", "type": "work", "primary": true },
            { "value": "ada@home.test", "type": "home" },
            { "value": "ada@other.test", "primary": null }
        ],
        "x509Certificates": [{ "value": "MIIDqwe=" }],
        "meta": {
            "resourceType": "User",
            "created": "2026-11-23T12:00:00.5Z",
            "lastModified": "2026-11-23T14:00:00+02:00",
            "version": "W/\"a\""
        },
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "42",
            "manager": { "value": "26118915", "displayName": "John" }
        }
    })
}

fn check(table: &[(&str, bool)]) {
    let ada = ada();
    let mut wrong = Vec::new();
    for (text, expected) in table {
        let filter = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let found = matches(&filter, &ada, schema::user_type());
        if found != Ok(*expected) {
            wrong.push(format!("{text}: expected {expected}, got {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_clauses() {
    check(&[
        // caseExact false and true (RFC 7643 §7).
        (r#"userName eq "ADA@EXAMPLE.TEST""#, true),
        (r#"username eq "ada@example.test""#, true),
        (r#"id eq "2819c223-Ab""#, true),
        (r#"id eq "2819C223-AB""#, false),
        (r#"externalId eq "00UADA""#, false),
        (r#"meta.resourceType eq "user""#, false),
        (r#"userName ne "ada@example.test""#, false),
        (r#"userName ne "x""#, true),
        (r#"userName co "EXAMPLE""#, true),
        (r#"userName sw "ada""#, true),
        (r#"userName sw "ada@example.test""#, true),
        (r#"userName ew ".TEST""#, true),
        (r#"userName ew "ada""#, false),
        (r#"name.familyName eq "o'malley \"\u00E4\" \\""#, true),
        (r#"userName gt "ada""#, true),
        (r#"userName ge "ADA@example.test""#, true),
        (r#"userName lt "ADA@example.test""#, false),
        (r#"userName le "b""#, true),
        // Booleans.
        ("active eq true", true),
        ("active ne false", true),
        ("active eq false", false),
        // dateTime: instants, not text.
        (r#"meta.lastModified eq "2026-11-23T12:00:00Z""#, true),
        (r#"meta.lastModified eq "2026-11-23T12:00:00.000""#, true),
        (r#"meta.lastModified ge "2026-11-23T13:00:00+01:00""#, true),
        (r#"meta.lastModified gt "2026-11-23T12:00:00Z""#, false),
        (r#"meta.created gt "2026-11-23T12:00:00Z""#, true),
        (r#"meta.created lt "2026-11-23T12:00:00.51Z""#, true),
        // Binary.
        (r#"x509Certificates.value eq "MIIDqwe=""#, true),
        (r#"x509Certificates.value eq "miidqwe=""#, false),
        // Several values: any of them.
        (r#"emails.value eq "ada@home.test""#, true),
        (r#"emails.type eq "home" and emails.value eq "ada@work.test""#, true),
        (r#"emails[type eq "home" and value eq "ada@work.test"]"#, false),
        (r#"emails[type eq "HOME" and value sw "ada@home"]"#, true),
        (r#"emails[(type eq "x" or primary eq true) and not (value co "home")]"#, true),
        (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, true),
        (r#"schemas eq "urn:example""#, false),
        // Qualified names.
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada""#, true),
        (r#"URN:ietf:params:SCIM:schemas:core:2.0:user:USERNAME sw "ada""#, true),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "home"]"#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "42""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26118915""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr"#, false),
        // pr.
        ("userName pr", true),
        ("title pr", false),
        ("profileUrl pr", false),
        ("phoneNumbers pr", false),
        ("name pr", true),
        ("emails pr", true),
        ("emails.display pr", false),
        // Logic.
        ("title pr or userName pr and title pr", false),
        ("(title pr or userName pr) and active eq true", true),
        ("not (title pr)", true),
        (r#"not (title eq "x") and not(not (userName pr))"#, true),
    ]);
}

#[test]
fn our_readings() {
    check(&[
        (r#"title ne "x""#, true),
        (r#"title eq "x""#, false),
        (r#"title gt "a""#, false),
        (r#"emails.type ne "work""#, true),
        (r#"x509Certificates.value ne "MIIDqwe=""#, false),
        (r#"phoneNumbers.value ne "x""#, true),
        ("title eq null", true),
        ("title ne null", false),
        ("profileUrl eq null", true),
        ("phoneNumbers eq null", true),
        ("nickName eq null", false),
        ("userName ne null", true),
        ("name eq null", false),
        (r#"userName co """#, true),
        (r#"title sw """#, false),
        (r#"nickName ew """#, true),
        (r#"nickName eq """#, true),
        ("nickName pr", false),
        ("addresses pr", false),
        (r#"emails eq "ada@home.test""#, true),
        (r#"emails co "HOME""#, true),
        (r#"name[givenName eq "ada"]"#, true),
        ("emails.primary eq false", true),
        ("emails[type eq \"home\" and primary eq false]", true),
        ("emails[type eq \"home\" and primary pr]", false),
        ("emails[type eq \"work\" and primary eq false]", false),
        ("phoneNumbers.primary eq false", false),
        (r#"emails[not (type eq "work")]"#, true),
        (r#"emails[not (type pr) and value sw "ada@other"]"#, true),
        (r#"name.familyName co "ä""#, true),
    ]);
}

#[test]
fn what_a_server_stored_wrongly_equals_nothing() {
    let odd = json!({
        "userName": 5, "active": "true", "emails": { "value": "a@b" },
        "meta": { "created": "yesterday" }
    });
    let table = [
        (r#"userName eq "5""#, false),
        (r#"userName ne "5""#, true),
        ("active eq true", false),
        (r#"emails.value eq "a@b""#, true),
        (r#"meta.created gt "2000-01-01T00:00:00Z""#, false),
        (r#"meta.created le "2000-01-01T00:00:00Z""#, false),
    ];
    for (text, expected) in table {
        let found = matches(&parse(text).unwrap(), &odd, schema::user_type());
        assert_eq!(found, Ok(expected), "{text}");
    }
    let scalar = json!("not a resource");
    assert_eq!(matches(&parse("userName pr").unwrap(), &scalar, schema::user_type()), Ok(false));
}

#[test]
fn what_makes_no_sense_is_refused_whatever_the_resource() {
    let refused = |text: &str| {
        let filter = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        matches(&filter, &json!({}), schema::user_type()).expect_err(text)
    };
    for text in [
        "nickname2 pr",
        "name.middle pr",
        r#"emails[userName eq "x"]"#,
        r#"department eq "x""#,
        "urn:example:acme:1.0:Badge:colour pr",
        // Behind a part that decides alone.
        "not (title pr) or unknown pr",
    ] {
        assert!(matches!(refused(text), EvalError::UnknownAttribute(_)), "{text}");
    }
    for text in [
        "active gt true",
        "active ge false",
        r#"x509Certificates.value lt "AA==""#,
        r#"x509Certificates lt "AA==""#,
        r#"active co "t""#,
        r#"meta.created sw "2026""#,
        r#"x509Certificates.value sw "AA""#,
    ] {
        assert!(matches!(refused(text), EvalError::UnsupportedOperator { .. }), "{text}");
    }
    for text in [
        r#"active eq "true""#,
        "userName eq 5",
        "userName gt null",
        "active eq 1",
        r#"meta.created gt "yesterday""#,
        "meta.created gt 5",
        "emails eq true",
    ] {
        assert!(matches!(refused(text), EvalError::WrongLiteral { .. }), "{text}");
    }
    for text in [r#"name eq "x""#, r#"name co "x""#, r#"addresses eq "x""#, "meta gt 5"] {
        assert!(matches!(refused(text), EvalError::NeedsSubAttribute(_)), "{text}");
    }
    for text in [r#"userName[value eq "x"]"#, r#"schemas[value eq "x"]"#] {
        assert!(matches!(refused(text), EvalError::NotComplex(_)), "{text}");
    }
    for text in ["password pr", r#"password sw "a""#, r#"password eq "a""#] {
        assert!(matches!(refused(text), EvalError::NeverReturned(_)), "{text}");
    }
}

#[test]
fn refusals_answer_400_invalid_filter_and_say_why() {
    let filter = parse("active gt true").unwrap();
    let error = matches(&filter, &json!({}), schema::user_type()).unwrap_err();
    let answer = ScimError::from(error);
    assert_eq!((answer.status, answer.scim_type), (400, Some(ScimType::InvalidFilter)));
    assert_eq!(answer.detail, "`gt` cannot compare `active`, which is boolean");
    let answer = ScimError::from(parse("userName").unwrap_err());
    assert_eq!((answer.status, answer.scim_type), (400, Some(ScimType::InvalidFilter)));
}

#[test]
fn groups_have_their_own_attributes() {
    let group = json!({ "displayName": "Tour Guides", "members": [{ "value": "1", "$ref": "x/Users/1" }] });
    let table = [
        (r#"displayName eq "tour guides""#, true),
        (r#"members.value eq "1""#, true),
        (r#"members[value eq "1"]"#, true),
        (r#"members eq "2""#, false),
        (r#"members.$ref ew "/1""#, true),
    ];
    for (text, expected) in table {
        let found = matches(&parse(text).unwrap(), &group, schema::group_type());
        assert_eq!(found, Ok(expected), "{text}");
    }
    let user_name = parse("userName pr").unwrap();
    assert!(Matcher::new(&user_name, schema::group_type()).is_err());
}

#[test]
fn an_element_is_decided_by_the_filter_in_brackets() {
    let emails = schema::user_type().attribute(&"emails".parse().unwrap()).unwrap();
    let home = json!({ "type": "Home", "value": "a@b" });
    let decide = |text: &str| matches_element(&parse(text).unwrap(), &home, emails);
    assert_eq!(decide(r#"type eq "home" and primary eq false"#), Ok(true));
    assert_eq!(decide(r#"not (value sw "a")"#), Ok(false));
    assert!(matches!(decide("userName pr"), Err(EvalError::UnknownAttribute(_))));
    assert!(matches!(decide("emails.type pr"), Err(EvalError::UnknownAttribute(_))));
    assert!(matches!(decide("type[value pr]"), Err(EvalError::NotComplex(_))));
}
