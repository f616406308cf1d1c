//! The message around the operations (RFC 7644 §3.5.2): what is read, what is
//! refused before any resource is looked at, and what an error says.

use scim_lang::patch::{self, Limits, Op, Path};
use scim_lang::schema::{self, Attribute, Mutability, ResourceType, Schema};
use scim_lang::urn;
use serde_json::{Value, json};

use crate::support::{ada, keyword, message, patched, with};

#[test]
fn a_message_reads_and_prints_the_same() {
    let sent = message(json!([
        { "op": "remove", "path": r#"members[value eq "u1"]"# },
        { "op": "add", "path": "members", "value": [{ "value": "u3" }] },
        { "op": "replace", "value": { "active": false } },
        { "op": "replace", "path": "title", "value": null },
    ]));
    let patch = patch::parse(&sent).unwrap();
    assert_eq!(patch.to_json(), sent);
    let read: Vec<Op> = patch.operations.iter().map(|operation| operation.op).collect();
    assert_eq!(read, [Op::Remove, Op::Add, Op::Replace, Op::Replace]);
    assert_eq!(patch.operations[3].value, Some(Value::Null));
    assert_eq!(patch.operations[0].value, None);
}

#[test]
fn names_and_words_are_read_in_any_case() {
    let sent = json!({
        "SCHEMAS": [urn::PATCH_OP.to_uppercase()],
        "operations": [{ "OP": "Replace", "Path": "Title", "VALUE": "Lady", "comment": "unknown" }],
    });
    let patch = patch::parse(&sent).unwrap();
    assert_eq!(patch.operations[0].op, Op::Replace);
    let lady = patch.apply(&ada(), schema::user_type()).unwrap();
    assert_eq!(lady, with(ada(), json!({ "title": "Lady" })));
}

#[test]
fn what_is_no_patch_message_is_invalid_syntax() {
    let operation = json!({ "op": "replace", "value": { "active": false } });
    for body in [
        json!([]),
        json!("patch"),
        json!({}),
        json!({ "Operations": [operation] }),
        json!({ "schemas": [urn::USER], "Operations": [operation] }),
        json!({ "schemas": urn::PATCH_OP, "Operations": [operation] }),
        json!({ "schemas": [urn::PATCH_OP] }),
        message(json!([])),
        message(json!({})),
        message(operation.clone()),
        message(json!([1])),
        message(json!([{ "value": { "active": false } }])),
        message(json!([{ "op": "move", "path": "title" }])),
        message(json!([{ "op": 5, "path": "title" }])),
        message(json!([{ "op": "add", "Op": "remove", "path": "title", "value": "x" }])),
    ] {
        let error = patch::parse(&body).expect_err(&body.to_string());
        assert_eq!(keyword(&error), "invalidSyntax", "{body}");
    }
}

#[test]
fn a_path_that_does_not_parse_is_told_apart_from_its_filter() {
    for (path, word) in [
        (json!(""), "invalidPath"),
        (json!(7), "invalidPath"),
        (json!(["title"]), "invalidPath"),
        (json!("emails["), "invalidPath"),
        (json!("emails[type eq]"), "invalidFilter"),
        (json!("x".repeat(9000)), "invalidPath"),
    ] {
        let body = message(json!([{ "op": "replace", "path": path, "value": "x" }]));
        let error = patch::parse(&body).expect_err(&body.to_string());
        assert_eq!(keyword(&error), word, "{body}");
    }
}

#[test]
fn an_error_says_which_operation_and_where_in_the_path() {
    let operations = json!([
        { "op": "replace", "path": "title", "value": "Lady" },
        { "op": "replace", "path": "emails[type qe \"work\"]", "value": {} },
    ]);
    let error = patched(&ada(), operations).unwrap_err();
    assert!(error.detail.starts_with("operation 2: the path `emails[type qe"), "{}", error.detail);
    assert!(error.detail.contains("`qe` is not an operator, at byte 12"), "{}", error.detail);

    let operations = json!([{ "op": "replace", "path": "active", "value": "False" }]);
    let error = patched(&ada(), operations).unwrap_err();
    assert_eq!(error.detail, "operation 1: `active` takes true or false, not a string");
}

#[test]
fn too_many_operations_are_too_large_a_message() {
    let limits = Limits { max_operations: 2, ..Limits::default() };
    let operation = json!({ "op": "remove", "path": "title" });
    let two = message(json!([operation, operation]));
    let three = message(json!([operation, operation, operation]));
    assert!(patch::parse_with(&two, &limits).is_ok());
    assert_eq!(patch::parse_with(&three, &limits).unwrap_err().status, 413);
}

#[test]
fn a_path_by_itself_has_parts() {
    let path: Path = r#"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].value"#.parse().unwrap();
    assert_eq!(path.attr.schema.as_deref(), Some(urn::USER));
    assert_eq!(path.attr.name, "emails");
    assert_eq!(path.sub.as_deref(), Some("value"));
    assert_eq!("emails[".parse::<Path>().unwrap_err().span.end, 7);
}

#[test]
fn stored_names_are_found_in_any_case_and_respelled() {
    let stored = json!({
        "schemas": [urn::USER],
        "USERNAME": "ada",
        "Emails": [{ "VALUE": "ada@example.test", "Type": "work" }],
    });
    let operations = json!([
        { "op": "replace", "path": "userName", "value": "lady" },
        { "op": "add", "path": r#"EMAILS[TYPE eq "work"].Primary"#, "value": true },
    ]);
    assert_eq!(
        patched(&stored, operations).unwrap(),
        json!({
            "schemas": [urn::USER],
            "userName": "lady",
            "emails": [{ "value": "ada@example.test", "type": "work", "primary": true }],
        })
    );
}

#[test]
fn attributes_nobody_touched_stay_as_they_are_written() {
    let stored = with(ada(), json!({ "nickName": "", "ims": [], "vendor": { "deep": [null, 1.50] } }));
    let operations = json!([
        { "op": "remove", "path": r#"ims[value eq "x"]"# },
        { "op": "add", "path": "emails", "value": { "value": "ada@example.test" } },
    ]);
    assert_eq!(patched(&stored, operations).unwrap().to_string(), stored.to_string());
}

/// The core schemas have no immutable attribute at the top level; this one
/// has, single and as a list.
#[test]
fn an_immutable_attribute_takes_a_value_once() {
    let patched = |stored: &Value, operation: Value| {
        let patch = patch::parse(&message(json!([operation]))).unwrap();
        patch.apply(stored, &BADGE_TYPE)
    };
    let blank = json!({ "schemas": [BADGE.id] });
    let set = json!({ "schemas": [BADGE.id], "number": "7", "doors": ["a"] });
    for (path, first, second) in [("number", json!("7"), json!("8")), ("doors", json!(["a"]), json!(["b"]))] {
        for op in ["add", "replace"] {
            let write = |value: &Value| json!({ "op": op, "path": path, "value": value });
            assert_eq!(patched(&blank, write(&first)).unwrap()[path], first, "{op} {path}");
            assert_eq!(patched(&set, write(&first)).unwrap(), set, "{op} {path}");
            assert_eq!(keyword(&patched(&set, write(&second)).unwrap_err()), "mutability", "{op} {path}");
        }
        let error = patched(&set, json!({ "op": "remove", "path": path })).unwrap_err();
        assert_eq!(keyword(&error), "mutability", "remove {path}");
        let twice = json!([
            { "op": "add", "path": path, "value": first },
            { "op": "add", "path": path, "value": second },
        ]);
        let patch = patch::parse(&message(twice)).unwrap();
        assert_eq!(keyword(&patch.apply(&blank, &BADGE_TYPE).unwrap_err()), "mutability", "twice {path}");
        let remove = json!({ "op": "remove", "path": path });
        assert_eq!(patched(&blank, remove).unwrap(), blank, "remove {path}");
    }
}

#[test]
fn an_extension_that_leaves_takes_its_lists_along() {
    let stored = json!({ "schemas": [BADGE.id, KEYS.id], KEYS.id: { "keys": ["a"], "note": "x" } });
    let apply = |operations: Value| patch::parse(&message(operations)).unwrap().apply(&stored, &BADGE_TYPE).unwrap();
    let path = format!("{}:keys", KEYS.id);
    let add = json!({ "op": "add", "path": path, "value": ["b", "A"] });
    assert_eq!(apply(json!([add]))[KEYS.id], json!({ "keys": ["a", "b"], "note": "x" }));
    let left = apply(json!([add, { "op": "remove", "path": KEYS.id }]));
    assert_eq!(left, json!({ "schemas": [BADGE.id] }));
    let one = json!({ "op": "remove", "path": format!("{path}[value eq \"A\"]") });
    assert_eq!(apply(json!([one]))[KEYS.id], json!({ "note": "x" }));
    let replace = json!({ "op": "replace", "path": format!("{path}[value eq \"a\"]"), "value": "c" });
    assert_eq!(apply(json!([replace]))[KEYS.id]["keys"], json!(["c"]));
}

static BADGE_TYPE: ResourceType = ResourceType {
    name: "Badge",
    endpoint: "/Badges",
    description: "A badge.",
    schema: &BADGE,
    extensions: &[(&KEYS, false)],
};

static KEYS: Schema = Schema {
    id: "urn:example:params:scim:schemas:extension:keys:2.0:Badge",
    name: "Keys",
    description: "Keys on a badge.",
    attributes: &[string(Mutability::ReadWrite, true, "keys"), string(Mutability::ReadWrite, false, "note")],
};

static BADGE: Schema = Schema {
    id: "urn:example:params:scim:schemas:test:2.0:Badge",
    name: "Badge",
    description: "A badge.",
    attributes: &[string(Mutability::Immutable, false, "number"), string(Mutability::Immutable, true, "doors")],
};

const fn string(mutability: Mutability, multi_valued: bool, name: &'static str) -> Attribute {
    Attribute {
        name,
        ty: schema::Type::String,
        multi_valued,
        required: false,
        case_exact: false,
        mutability,
        returned: schema::Returned::Default,
        uniqueness: schema::Uniqueness::None,
        canonical_values: &[],
        reference_types: &[],
        description: "A text.",
        sub_attributes: &[],
    }
}
