//! Users, groups and operations at random. The pools are small, so that
//! repeated values, matches and collisions are common.

use proptest::prelude::*;
use proptest::sample::select;
use scim_lang::urn;
use serde_json::{Map, Value, json};

use crate::support::ENTERPRISE;

/// A user as a server would store it: without nulls and empty lists, with one
/// primary at most, with its schemas listed.
pub(crate) fn user() -> impl Strategy<Value = Value> {
    let text = || prop::option::of(select(&["x", "y", "z"][..]));
    let name = prop::option::of(name());
    (text(), text(), name, emails(), addresses(), prop::option::of(enterprise())).prop_map(
        |(title, nick, name, emails, addresses, enterprise)| {
            let mut user = json!({ "schemas": [urn::USER], "id": "u1", "userName": "ada", "active": true });
            set(&mut user, "title", title.map(Value::from));
            set(&mut user, "nickName", nick.map(Value::from));
            set(&mut user, "name", name);
            set(&mut user, "emails", (!emails.is_empty()).then(|| emails.into()));
            set(&mut user, "addresses", (!addresses.is_empty()).then(|| addresses.into()));
            if let Some(enterprise) = enterprise {
                user["schemas"] = json!([urn::USER, ENTERPRISE]);
                user[ENTERPRISE] = enterprise;
            }
            user["meta"] = json!({ "resourceType": "User" });
            user
        },
    )
}

/// One operation on a user. Most succeed, some are refused.
pub(crate) fn operation() -> impl Strategy<Value = Value> {
    prop_oneof![write(), removal()]
}

/// An `add` or a `replace` on a user.
pub(crate) fn write() -> impl Strategy<Value = Value> {
    let target = prop_oneof![
        4 => top_level().prop_map(|(name, value)| (Some(name.to_owned()), value)),
        2 => part(),
        2 => selected(),
        2 => without_path().prop_map(|value| (None, value)),
        1 => enterprise().prop_map(|block| (None, json!({ ENTERPRISE: block }))),
        1 => Just((Some("schemas".to_owned()), json!([urn::USER, ENTERPRISE]))),
    ];
    (select(&["add", "replace"][..]), target).prop_map(|(op, (path, value))| match path {
        Some(path) => json!({ "op": op, "path": path, "value": value }),
        None => json!({ "op": op, "value": value }),
    })
}

/// A `remove` on a user.
pub(crate) fn removal() -> impl Strategy<Value = Value> {
    let whole = select(&["title", "nickName", "name", "emails", "addresses", "emails.display", ENTERPRISE][..]);
    let path = prop_oneof![
        whole.prop_map(str::to_owned),
        part().prop_map(|(path, _)| path.expect("a part has a path")),
        selected().prop_map(|(path, _)| path.expect("selected elements have a path")),
    ];
    path.prop_map(|path| json!({ "op": "remove", "path": path }))
}

/// An attribute and a value that fits it.
pub(crate) fn top_level() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (select(&["title", "nickName"][..]), text()),
        (Just("active"), any::<bool>().prop_map(Value::from)),
        (Just("name"), name()),
        (Just("emails"), emails().prop_map(Value::from)),
        (Just("emails"), email()),
        (Just("addresses"), addresses().prop_map(Value::from)),
        (select(&["title", "nickName", "name", "emails", "addresses"][..]), Just(Value::Null)),
    ]
}

/// Several attributes for a value without a path.
pub(crate) fn without_path() -> impl Strategy<Value = Value> {
    prop::collection::vec(top_level(), 0..4).prop_map(|members| {
        let members: Map<String, Value> = members.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Value::Object(members)
    })
}

/// E-mail addresses without a repetition, one primary at most.
pub(crate) fn emails() -> impl Strategy<Value = Vec<Value>> {
    (prop::sample::subsequence(&ADDRESSES[..], 0..4), prop::collection::vec(email(), 4), 0..8_usize).prop_map(
        |(values, shapes, primary)| {
            let email = |(index, (value, mut shape)): (usize, (&str, Value))| {
                shape["value"] = value.into();
                match index == primary {
                    true => shape["primary"] = true.into(),
                    false => drop(shape.as_object_mut().expect("an object").remove("primary")),
                }
                shape
            };
            values.into_iter().zip(shapes).enumerate().map(email).collect()
        },
    )
}

/// One e-mail address.
pub(crate) fn email() -> impl Strategy<Value = Value> {
    let ty = prop::option::of(select(&["work", "home", "Work"][..]));
    let display = prop::option::of(select(&["x", "y"][..]));
    (select(&ADDRESSES[..]), ty, display, prop::option::of(any::<bool>())).prop_map(|(value, ty, display, primary)| {
        let mut email = json!({ "value": value });
        set(&mut email, "type", ty.map(Value::from));
        set(&mut email, "display", display.map(Value::from));
        set(&mut email, "primary", primary.map(Value::from));
        email
    })
}

fn addresses() -> impl Strategy<Value = Vec<Value>> {
    prop::sample::subsequence(&["work", "home", "other"][..], 0..=3).prop_map(|types| {
        let address = |(n, ty): (usize, &str)| json!({ "type": ty, "locality": format!("town {n}"), "region": "r" });
        types.into_iter().enumerate().map(address).collect()
    })
}

fn name() -> impl Strategy<Value = Value> {
    let part = || prop::option::of(select(&["A", "B", "C"][..]));
    (part(), part()).prop_filter_map("a name has a part", |(given, family)| {
        let mut name = json!({});
        set(&mut name, "givenName", given.map(Value::from));
        set(&mut name, "familyName", family.map(Value::from));
        (name != json!({})).then_some(name)
    })
}

fn enterprise() -> impl Strategy<Value = Value> {
    let text = || prop::option::of(select(&["x", "y"][..]));
    (text(), text()).prop_map(|(department, manager)| {
        let mut block = json!({ "employeeNumber": "1" });
        set(&mut block, "department", department.map(Value::from));
        set(&mut block, "manager", manager.map(|id| json!({ "value": id })));
        block
    })
}

fn part() -> impl Strategy<Value = (Option<String>, Value)> {
    let enterprise = |attribute: &str| format!("{ENTERPRISE}:{attribute}");
    let paths = vec![
        "name.givenName".to_owned(),
        "NAME.FAMILYNAME".to_owned(),
        format!("{}:name.middleName", urn::USER),
        enterprise("department"),
        enterprise("employeeNumber"),
        enterprise("manager.value"),
    ];
    (select(paths), prop_oneof![4 => text(), 1 => Just(Value::Null)]).prop_map(|(path, value)| (Some(path), value))
}

fn selected() -> impl Strategy<Value = (Option<String>, Value)> {
    let filter = prop_oneof![
        select(&["work", "home", "other"][..]).prop_map(|ty| format!("type eq \"{ty}\"")),
        select(&ADDRESSES[..]).prop_map(|value| format!("value eq \"{value}\"")),
        select(&ADDRESSES[..]).prop_map(|value| format!("type eq \"work\" or value eq \"{value}\"")),
    ];
    (filter, prop_oneof![email().prop_map(|email| ("", email)), text().prop_map(|text| (".display", text))])
        .prop_map(|(filter, (sub, value))| (Some(format!("emails[{filter}]{sub}")), value))
}

fn text() -> impl Strategy<Value = Value> {
    select(&["x", "y", "z"][..]).prop_map(Value::from)
}

fn set(object: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object[name] = value;
    }
}

/// A word a PATCH is made of, or any text.
pub(crate) fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(WORDS).prop_map(str::to_owned),
        1 => prop::collection::vec(any::<char>(), 0..8).prop_map(String::from_iter),
    ]
}

/// Any JSON at all, from words a PATCH is made of.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

const ADDRESSES: [&str; 5] = ["a@example.test", "b@example.test", "c@example.test", "A@example.test", "d@example.test"];

const WORDS: &[&str] = &[
    "schemas",
    "Operations",
    "op",
    "path",
    "value",
    "add",
    "remove",
    "replace",
    "Add",
    "members",
    "emails",
    "name",
    "name.givenName",
    "active",
    "id",
    "meta",
    "groups",
    "displayName",
    "userName",
    "type",
    "primary",
    "display",
    "$ref",
    "title",
    "TITLE",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "members[value eq \"u1\"]",
    "emails[",
    "emails.type",
    "schemas[value eq \"x\"]",
    "x509Certificates",
    "manager",
    "work",
    "true",
    "",
    urn::PATCH_OP,
    urn::USER,
    urn::GROUP,
    urn::ENTERPRISE_USER,
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
];
