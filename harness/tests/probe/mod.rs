//! A suite with a case for each check of whole answers on each kind of answer: what no server that keeps the RFC fails.

use scim_suite::Check;
use std::fmt::Write as _;

/// The name of the suite.
pub(crate) const SUITE: &str = "probe";

/// The name of its file.
pub(crate) const FILE: &str = "probe.toml";

/// Returns the suite file.
pub(crate) fn suite() -> String {
    let mut text = format!("suite = {SUITE:?}\ntitle = \"Every check on every kind of answer\"\n");
    for (place, steps, checks) in places() {
        for check in checks {
            write!(
                text,
                "\n[[case]]\nid = \"{place}-{check}\"\ntitle = \"{check} of {place}\"\nrule = \"{check} holds.\"\n\
                 ref = []\nlevel = \"must\"\n{steps}expect.checks = [\"{check}\"]\n"
            )
            .expect("writing to a string");
        }
    }
    text
}

/// Returns where checks look: a name, the steps that lead there, and the checks that make sense of the last answer.
fn places() -> Vec<(&'static str, String, Vec<Check>)> {
    let answer = between(Check::MediaTypeScimJson, Check::UniqueNames);
    let places = between(Check::LocationIsMetaLocation, Check::LocationsBelowBase);
    let fresh = between(Check::ResourceId, Check::CountryCodes);
    let resource = without(&fresh, &[Check::MetaFresh]);
    let list = between(Check::ListResponse, Check::CursorForm);
    let error = between(Check::ErrorBody, Check::ErrorNoInternals);
    let config = between(Check::ConfigMessage, Check::ConfigPagination);
    let types = between(Check::TypeDefinitions, Check::Descriptions);
    let schemas = between(Check::Descriptions, Check::CoreSchemasSame);
    let whole = |parts: &[&[Check]]| parts.concat();

    let own = "/Users?filter=userName%20eq%20%22{{run}}.ada%40example.com%22&startIndex=1&count=10";
    let nobody = "/Users?filter=userName%20eq%20%22{{run}}.nobody%22";
    let user = || create(USER, "{{bind id: non-empty}}");
    let both = || user() + &create(GROUP, "{{bind group: non-empty}}");
    vec![
        ("created", user(), whole(&[&answer, &[Check::LocationHeader], &places, &fresh])),
        ("read", user() + &get("/Users/{{id}}"), whole(&[&answer, &places, &fresh])),
        ("some-of-it", user() + &get("/Users/{{id}}?attributes=userName,emails.value,password"), resource.clone()),
        ("most-of-it", user() + &get("/Users/{{id}}?excludedAttributes=emails,name.givenName,id"), resource.clone()),
        ("found", user() + &get(own), whole(&[&answer, &list, &resource])),
        ("not-found", get(nobody), whole(&[&answer, &list, &resource])),
        ("people", user() + &get("/Users"), whole(&[&answer, &without(&list, &[Check::ListComplete]), &resource])),
        ("one-page", user() + &get("/Users?startIndex=1&count=1"), without(&list, &[Check::ListComplete])),
        ("counted", user() + &get("/Users?count=0"), without(&list, &[Check::ListComplete])),
        ("group", both(), whole(&[&answer, &[Check::LocationHeader], &places, &fresh])),
        ("group-read", both() + &get("/Groups/{{group}}"), whole(&[&answer, &places, &resource])),
        ("groups", both() + &get("/Groups"), whole(&[&answer, &without(&list, &[Check::ListComplete]), &resource])),
        ("member", both() + &get("/Users/{{id}}"), resource.clone()),
        ("nowhere", get("/Users/00919288221112222") + "expect.status = 404\n", whole(&[&answer, &error])),
        (
            "stranger",
            get("/Users") + "auth = \"none\"\nexpect.status = [401, 403]\n",
            whole(&[&answer, &error, &[Check::WwwAuthenticate]]),
        ),
        (
            "no-json",
            "[[case.step]]\nsend = \"POST /Users\"\ntext = \"{\"\nexpect.status = 400\n".to_owned(),
            whole(&[&answer, &error]),
        ),
        ("taken", user() + &post(USER) + "expect.status = 409\n", whole(&[&answer, &error])),
        ("config", get("/ServiceProviderConfig"), whole(&[&answer, &config, &places, &resource])),
        ("types", get("/ResourceTypes"), whole(&[&answer, &list, &types, &resource])),
        ("one-type", get("/ResourceTypes/User"), whole(&[&answer, &types, &places, &resource])),
        ("schemas", get("/Schemas"), whole(&[&answer, &list, &schemas, &resource])),
        (
            "one-schema",
            get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
            whole(&[&answer, &schemas, &places, &resource]),
        ),
    ]
}

/// Returns the checks from one to another, both included.
fn between(first: Check, last: Check) -> Vec<Check> {
    Check::ALL.into_iter().filter(|check| (first..=last).contains(check)).collect()
}

fn without(checks: &[Check], these: &[Check]) -> Vec<Check> {
    checks.iter().copied().filter(|check| !these.contains(check)).collect()
}

fn get(target: &str) -> String {
    format!("[[case.step]]\nsend = \"GET {target}\"\n")
}

fn post((collection, json): (&str, &str)) -> String {
    format!("[[case.step]]\nsend = \"POST {collection}\"\njson = '''{json}'''\n")
}

fn create(what: (&str, &str), id: &str) -> String {
    format!("{}expect.status = 201\nexpect.json = '{{ \"id\": \"{id}\" }}'\n", post(what))
}

const USER: (&str, &str) = (
    "/Users",
    r#"{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
  "userName": "{{run}}.ada@example.com", "externalId": "x-{{run}}", "active": true, "password": "t1meMa$heen9",
  "name": { "givenName": "Ada", "familyName": "Byron", "formatted": "Ada Byron" },
  "displayName": "Ada", "title": "Countess", "profileUrl": "https://example.com/ada",
  "emails": [{ "primary": true, "value": "{{run}}.ada@example.com", "type": "work" },
             { "value": "{{run}}.home@example.com", "type": "home" }],
  "phoneNumbers": [{ "value": "tel:+1-201-555-0123", "type": "work" }],
  "addresses": [{ "type": "work", "country": "GB", "locality": "London" }],
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Engines", "employeeNumber": "007" } }"#,
);

const GROUP: (&str, &str) = (
    "/Groups",
    r#"{ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
  "displayName": "{{run}}.crew", "members": [{ "value": "{{id}}" }] }"#,
);
