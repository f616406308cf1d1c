//! Behaviours in SCIM itself: what a server says in well-formed HTTP about itself, about people, and about pages.

use crate::server::Act::{Send, Wait};
use crate::server::{Act, Answer, Asked, Behaviour};
use serde_json::{Value, json};
use std::time::Duration;

/// Every behaviour of the kind.
pub(crate) const ALL: &[(&str, Behaviour)] = &[
    // Pages.
    ("paging-without-end", |asked, answer| {
        twist_lists(asked, answer, |list, asked| {
            list["totalResults"] = json!(1_000_000_000);
            list["itemsPerPage"] = json!(2);
            let resource = |which: usize| {
                let id = format!("endless-{}-{which}", asked.number);
                json!({ "schemas": [USER], "id": id, "userName": format!("{id}@corp.example"), "active": true })
            };
            list["Resources"] = json!([resource(0), resource(1)]);
        })
    }),
    ("paging-that-repeats-itself", |asked, answer| {
        twist_lists(asked, answer, |list, _| {
            list["totalResults"] = json!(1_000_000);
            list["startIndex"] = json!(1);
        })
    }),
    ("cursors-in-a-circle", |asked, answer| {
        twist_lists(asked, answer, |list, _| {
            list["totalResults"] = json!(1_000_000);
            list["nextCursor"] = json!("round-and-round");
        })
    }),
    ("pages-of-nobody", |asked, answer| {
        twist_lists(asked, answer, |list, _| {
            list["totalResults"] = json!(10_000);
            list["Resources"] = json!([]);
        })
    }),
    ("a-total-of-2-to-the-63", |asked, answer| total(asked, answer, "9223372036854775808")),
    ("a-total-of-2-to-the-64", |asked, answer| total(asked, answer, "18446744073709551616")),
    ("a-negative-total", |asked, answer| total(asked, answer, "-5")),
    ("a-total-with-a-fraction", |asked, answer| total(asked, answer, "2.5")),
    ("a-total-in-words", |asked, answer| total(asked, answer, "\"many\"")),
    ("a-total-beyond-all-numbers", |asked, answer| total(asked, answer, "1e999999")),
    ("a-total-of-a-thousand-digits", |asked, answer| total(asked, answer, &"9".repeat(1000))),
    ("resources-that-are-no-list", |asked, answer| {
        twist_lists(asked, answer, |list, _| list["Resources"] = json!({ "0": [[[]]], "length": -1 }))
    }),
    ("everybody-is-found-by-every-search", |asked, answer| {
        twist_lists(asked, answer, |list, _| {
            list["totalResults"] = json!(1);
            list["Resources"] = json!([stranger()]);
        })
    }),
    // Ids.
    ("ids-that-are-dots", |_, answer| with_id(answer, &json!(".."))),
    ("ids-that-are-nothing", |_, answer| with_id(answer, &json!(""))),
    ("ids-that-are-objects", |_, answer| with_id(answer, &json!({ "id": { "id": 1 } }))),
    ("a-stranger-on-201", |asked, answer| match &*asked.method {
        "POST" => Answer { status: 201, ..answer }.with_json(&stranger()).send(),
        _ => answer.send(),
    }),
    ("our-name-and-a-stranger-s-id-on-201", |asked, answer| match &*asked.method {
        "POST" => with_id(answer, &json!("5bd1e995-1f6b-8c3a-9a7d-000000000001")),
        _ => answer.send(),
    }),
    ("our-name-and-a-stranger-s-id-on-201-and-no-search", |asked, answer| match &*asked.method {
        "POST" => with_id(answer, &json!("5bd1e995-1f6b-8c3a-9a7d-000000000001")),
        _ if asked.is_get_below("filter=") => Answer { status: 200, ..answer }.with_json(&nobody()).send(),
        _ => answer.send(),
    }),
    ("a-stranger-after-every-change", |asked, answer| match &*asked.method {
        "PUT" | "PATCH" => Answer { status: 200, ..answer }.with_json(&stranger()).send(),
        _ => answer.send(),
    }),
    ("nothing-but-the-status-on-201-and-no-search", |asked, answer| match &*asked.method {
        "POST" => answer.with("").send(),
        _ if asked.is_get_below("filter=") => Answer { status: 200, ..answer }.with_json(&nobody()).send(),
        _ => answer.send(),
    }),
    ("nothing-but-the-status-on-201", |asked, answer| match &*asked.method {
        "POST" => answer.with("").send(),
        _ => answer.send(),
    }),
    ("refused-and-created-all-the-same", |asked, answer| match &*asked.method {
        "POST" => Answer { status: 500, ..answer }.with("{}").send(),
        _ => answer.send(),
    }),
    // Addresses.
    ("locations-elsewhere", |asked, answer| {
        let elsewhere = format!("http://{}/scim/v2/Users/1", asked.elsewhere);
        let mut body = answer.json();
        if let Some(meta) = body.get_mut("meta") {
            meta["location"] = json!(elsewhere);
        }
        body_of(answer.header("Location", elsewhere), &body).send()
    }),
    ("references-elsewhere", |asked, answer| {
        let elsewhere = format!("http://{}/", asked.elsewhere);
        let mut body = answer.json();
        replace_all(&mut body, &["$ref", "location", "next", "documentationUri"], &json!(elsewhere));
        body_of(answer, &body).send()
    }),
    ("endpoints-elsewhere", |asked, answer| {
        let elsewhere = format!("//{}/../..", asked.elsewhere);
        let mut body = answer.json();
        replace_all(&mut body, &["endpoint"], &json!(elsewhere));
        body_of(answer, &body).send()
    }),
    // Values.
    ("not-a-number", |_, answer| insert(answer, "\"x\":NaN,\"y\":Infinity")),
    ("every-key-twice", |_, answer| {
        insert(answer, "\"id\":\"a\",\"id\":\"b\",\"userName\":1,\"schemas\":[],\"schemas\":{}")
    }),
    ("keys-in-every-case", |_, answer| insert(answer, "\"ID\":\"a\",\"Id\":\"b\",\"USERNAME\":\"c\",\"Schemas\":7")),
    ("markup-and-markers-in-every-string", |asked, answer| {
        let mut body = answer.json();
        // Clean-up goes by id.
        twist_strings(&mut body, &|key, text| match key {
            "id" | "userName" | "displayName" | "schemas" => text.to_owned(),
            _ => format!("{text}{EVIL}"),
        });
        let answer = body_of(answer, &body);
        if asked.number % 3 == 0 { answer.header("ETag", "\"</pre><script>alert(1)</script>\"") } else { answer }.send()
    }),
    // What a server says about itself.
    ("a-configuration-that-is-a-list", |asked, answer| {
        instead(asked, answer, "/ServiceProviderConfig", &json!([[], 1]))
    }),
    ("a-configuration-that-is-text", |asked, answer| instead(asked, answer, "/ServiceProviderConfig", &json!("yes"))),
    ("a-configuration-of-lies", |asked, answer| {
        let lies = json!({ "patch": "true", "bulk": { "supported": true, "maxOperations": -1, "maxPayloadSize": 1e300 },
            "filter": { "supported": [true], "maxResults": -7 }, "pagination": { "cursor": true, "maxPageSize": 0 },
            "authenticationSchemes": { "type": {} } });
        instead(asked, answer, "/ServiceProviderConfig", &lies)
    }),
    ("resource-types-that-are-a-number", |asked, answer| instead(asked, answer, "/ResourceTypes", &json!(7))),
    ("resource-types-without-names", |asked, answer| {
        let types = json!({ "Resources": [{}, [], null, { "endpoint": "" }, { "endpoint": "/", "schema": 1 }] });
        instead(asked, answer, "/ResourceTypes", &types)
    }),
    ("schemas-in-a-circle", |asked, answer| {
        let mut attribute = json!({ "name": "a", "type": "complex", "subAttributes": [] });
        for _ in 0..60 {
            attribute = json!({ "name": "a", "type": "complex", "multiValued": true, "subAttributes": [attribute] });
        }
        let schema = json!({ "id": USER, "name": "User", "schemas": [USER], "attributes": [attribute] });
        let extension = json!({ "id": USER, "name": "User", "attributes": { "$ref": "#" } });
        instead(asked, answer, "/Schemas", &json!({ "totalResults": 2, "Resources": [schema, extension] }))
    }),
    // Moods.
    ("an-error-on-everything-but-reading", |asked, answer| match &*asked.method {
        "GET" => answer.send(),
        _ => Answer { status: 500, ..answer }.with("{\"status\":500}").send(),
    }),
];

/// Servers whose answers are large.
pub(crate) const LARGE: &[(&str, Behaviour)] = &[
    ("numbers-beyond-all", |_, answer| {
        insert(answer, &format!("\"x\":1e400,\"y\":-1e-400,\"z\":{}", "7".repeat(1 << 14)))
    }),
    ("a-string-of-megabytes", |asked, answer| match asked.number % 11 {
        10 => insert(answer, &format!("\"nickName\":\"{}\"", "x".repeat(4 << 20))),
        _ => answer.send(),
    }),
    ("a-million-empty-lists", |_, answer| insert(answer, &format!("\"x\":[{}1]", "[],".repeat(1 << 20)))),
    ("a-hundred-thousand-members", |asked, answer| {
        let mut body = answer.json();
        let member = json!({ "value": "m", "display": "M", "$ref": format!("http://{}/", asked.elsewhere) });
        body["members"] = Value::Array(vec![member; 100_000]);
        body_of(answer, &body).send()
    }),
    ("schemas-of-a-hundred-thousand-attributes", |asked, answer| {
        let attributes: Vec<Value> = (0..100_000)
            .map(|number| json!({ "name": format!("a{number}"), "type": "string", "required": true }))
            .collect();
        let schema = json!({ "id": USER, "name": "User", "attributes": attributes });
        instead(asked, answer, "/Schemas", &json!({ "totalResults": 1, "Resources": [schema] }))
    }),
];

/// Servers that let nobody remove anything: they refuse, or never say where anything is.
pub(crate) const KEEPING: &[(&str, Behaviour)] = &[
    ("ids-that-climb", |_, answer| with_id(answer, &json!("../../../admin/Users"))),
    ("ids-with-a-query", |_, answer| with_id(answer, &json!("1?filter=x#y"))),
    ("ids-that-are-addresses", |asked, answer| with_id(answer, &json!(format!("http://{}/Users/1", asked.elsewhere)))),
    ("ids-of-many-kilobytes", |_, answer| with_id(answer, &json!("i".repeat(1 << 16)))),
    ("ids-that-break-lines", |asked, answer| {
        with_id(answer, &json!(format!("1 HTTP/1.1\r\nHost: {}\r\n\r\nDELETE /Users/1", asked.elsewhere)))
    }),
    ("ids-of-control-characters", |_, answer| with_id(answer, &json!("\u{0}\u{1b}[2J\u{7f}\u{202e}\u{feff}"))),
    ("ids-that-are-numbers-beyond-all", |_, answer| {
        with_id(answer, &serde_json::from_str(&"9".repeat(400)).expect("a number"))
    }),
    ("one-id-for-everybody", |_, answer| with_id(answer, &json!("the-only-one"))),
    ("ids-that-change-with-every-answer", |asked, answer| with_id(answer, &json!(format!("id-{}", asked.number)))),
    ("markup-in-every-error", |asked, answer| {
        match asked.method == "POST" || asked.is_get_below("/Users?startIndex=1&count=1") {
            true => answer.send(),
            false => {
                let error = json!({ "schemas": [EVIL], "status": EVIL, "scimType": EVIL, "detail": EVIL.repeat(50) });
                Answer { status: 400, ..answer }.with_json(&error).send()
            }
        }
    }),
    ("a-stranger-on-every-read", |asked, answer| match asked.is_get_below("/Users/") {
        true => Answer { status: 200, ..answer }.with_json(&stranger()).send(),
        false => answer.send(),
    }),
    ("delete-that-hangs-up", |asked, answer| match &*asked.method {
        "DELETE" => vec![Act::Reset],
        _ => answer.send(),
    }),
    ("delete-that-lies", |asked, answer| match asked.method == "POST" && asked.target.ends_with("Users") {
        // What was created cannot be found again.
        true => Answer { status: 201, ..answer }.with("{}").send(),
        false => match asked.is_get_below("filter=") {
            true => Answer { status: 200, ..answer }.with_json(&nobody()).send(),
            false => answer.send(),
        },
    }),
];

/// Alive, and never in time for the whole of a case.
pub(crate) const DAWDLES: Behaviour =
    |_: &Asked, answer: Answer| vec![Wait(Duration::from_millis(150)), Send(answer.bytes())];

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const EVIL: &str = "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}\r\n\
     ::error::owned\r\n##vso[task.x]y]]>&#0;|`![x](http://x)\u{0}\u{feff}@everyone";

fn stranger() -> Value {
    json!({ "schemas": [USER], "id": "stranger-1", "userName": "somebody@corp.example", "active": true,
            "meta": { "resourceType": "User", "location": "http://127.0.0.1/Users/stranger-1" } })
}

fn nobody() -> Value {
    json!({ "schemas": [LIST], "totalResults": 0, "Resources": [] })
}

fn body_of(answer: Answer, body: &Value) -> Answer {
    if answer.body.is_empty() { answer } else { answer.with_json(body) }
}

fn twist_lists(asked: &Asked, answer: Answer, twist: impl FnOnce(&mut Value, &Asked)) -> Vec<Act> {
    let mut body = answer.json();
    let is_list =
        body.get("totalResults").is_some() && (asked.target.contains("/Users") || asked.target.contains("/Groups"));
    // What is searched for by its name is found as ever, so that everything can be removed.
    if !is_list || asked.target.contains("filter=") {
        return answer.send();
    }
    twist(&mut body, asked);
    body_of(answer, &body).send()
}

fn total(asked: &Asked, answer: Answer, total: &str) -> Vec<Act> {
    twist_lists(asked, answer, |list, _| list["totalResults"] = serde_json::from_str(total).expect("JSON"))
}

/// Gives another id to the resource that a create or a change answers with.
fn with_id(answer: Answer, id: &Value) -> Vec<Act> {
    let mut body = answer.json();
    match body.get("userName").or(body.get("displayName")).is_some() && body.get("id").is_some() {
        true => {
            body["id"] = id.clone();
            body_of(answer, &body).send()
        }
        false => answer.send(),
    }
}

/// Puts members at the beginning of an object.
fn insert(answer: Answer, members: &str) -> Vec<Act> {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    match text.strip_prefix('{') {
        Some(rest) => answer.with(format!("{{{members},{rest}")).send(),
        None => answer.send(),
    }
}

fn instead(asked: &Asked, answer: Answer, endpoint: &str, body: &Value) -> Vec<Act> {
    if asked.is_get_below(endpoint) { Answer { status: 200, ..answer }.with_json(body).send() } else { answer.send() }
}

fn replace_all(value: &mut Value, keys: &[&str], with: &Value) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if keys.contains(&key.as_str()) {
                    *value = with.clone();
                } else {
                    replace_all(value, keys, with);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace_all(value, keys, with)),
        _ => {}
    }
}

fn twist_strings(value: &mut Value, twist: &dyn Fn(&str, &str) -> String) {
    fn at(key: &str, value: &mut Value, twist: &dyn Fn(&str, &str) -> String) {
        match value {
            Value::String(text) => *text = twist(key, text),
            Value::Array(values) => values.iter_mut().for_each(|value| at(key, value, twist)),
            Value::Object(members) => members.iter_mut().for_each(|(key, value)| at(&key.clone(), value, twist)),
            _ => {}
        }
    }
    at("", value, twist);
}
