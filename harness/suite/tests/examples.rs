//! What becomes of whole files: a raw request case, a lifecycle with its golden, and how both look to the engine.

use scim_suite::golden::{GoldenBody, Segment};
use scim_suite::pattern::{ArrayMode, Kind};
use scim_suite::{
    Action, AppKind, Auth, Basis, Body, Catalog, Check, EventAction, EventKind, HeaderChange, Level, Need, Outcome,
    Pattern, Plan, ProfileValue, SourceFile, Status, load, load_all,
};

const CREATE: &str = r#"#:schema ../suite.schema.json
suite = "rfc7644/users-create"
title = "Creating a user (RFC 7644 section 3.3)"

[[case]]
id    = "required-attributes-only"
title = "POST /Users with nothing but userName"
rule  = "The service provider SHALL answer 201 with the stored resource and its Location."
ref   = ["RFC7644 3.3", "RFC7643 4.1.1"]
level = "must"                       # must | should | may | okta

[[case.step]]
send = "POST /Users"
json = '''
{ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "userName": "{{run}}.minimal@example.com" }
'''
expect.status = 201
expect.headers = { Location = "{{base}}/Users/{{id}}" }
expect.json = '''
{ "schemas":  ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "id":       "{{bind id: string}}",
  "userName": "{{run}}.minimal@example.com",
  "password": "{{absent}}",
  "meta":     { "resourceType": "User", "location": "{{base}}/Users/{{id}}",
                "created": "{{datetime}}", "lastModified": "{{datetime}}" } }
'''
expect.checks = ["media-type-scim-json"]

[[case.step]]
why  = "A 201 that was not stored is a lie; read it back."
send = "GET /Users/{{id}}"
headers = { If-None-Match = "", Accept = "application/{{run}}" }
auth = "none"
expect.status = [200, 203]
expect.json   = '{ "id": "{{id}}", "userName": "{{run}}.minimal@example.com", "emails": ["{{each}}", "{{object}}"] }'
"#;

const LIFECYCLE: &str = r#"
suite = "okta/lifecycle"
title = "What Okta sends over the life of one assignment"

[[case]]
id     = "assign-update-deactivate-reactivate"
title  = "Catalog app (PATCH on): assign, rename, deactivate, reactivate"
rule   = "Okta finds by userName before it creates, GETs before it PUTs, and never DELETEs."
level  = "okta"
basis  = "captured"
needs  = ["patch"]
golden = "golden/assign-update-deactivate-reactivate.http"
seed = "user"
exclusive = true

[case.okta]
app     = ["catalog", "wizard"]      # a list runs the case once per app
push    = ["create", "update", "deactivate"]
profile = { login = "{{run}}.ada@example.com", firstName = "Ada", lastName = "Byron" }

[[case.step]]
do = "assign"
expect.remote = '{ "userName": "{{run}}.ada@example.com", "active": true }'

[[case.step]]
do  = "update"
set = { lastName = "King", firstName = "Augusta" }
expect.remote = '{ "name": { "givenName": "Augusta" }, "active": true }'
expect.exact = true

[[case.step]]
do = "deactivate"
expect.remote = '{ "active": false }'
expect.found = 1
expect.requests = 1

[[case.step]]
do = "reactivate"
expect.outcome = "task"
"#;

const GOLDEN: &str = r#"### assign
> GET /Users?filter=userName%20eq%20%22{{run}}.ada%40example.com%22&startIndex=1&count=100
< 200 | 404
> POST /Users
> Content-Type: application/scim+json; charset=utf-8
> {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"externalId":"{{okta.id}}","password":"{{any}}","active":true}
< 201 bind id
### update
> GET /Users/{{id}}
< 200
> PUT /Users/{{id}}
> {{last.body with name.givenName="Augusta"}}
< 200
### deactivate
> PATCH /Users/{{id}}
> {"Operations":[{"op":"replace","value":{"active":false}}]}
< 200 | 204
### reactivate
> PUT /Users/{{id}}
> {{last.body}}
< 200
"#;

const REFERENCES: &str = r#"
[[reference]]
id = "RFC7644 3.3"
title = "Creating resources"
url = "https://www.rfc-editor.org/rfc/rfc7644#section-3.3"
kind = "rfc"

[[reference]]
id = "RFC7643 4.1.1"
title = "Singular attributes of a user"
url = "https://www.rfc-editor.org/rfc/rfc7643#section-4.1.1"
kind = "rfc"
"#;

fn plan(files: &[(&str, &str)]) -> Plan {
    let files: Vec<SourceFile> = files.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect();
    let catalog = Catalog::load(&[SourceFile::new("references.toml", REFERENCES)]).expect("a catalog");
    load(&files, &catalog).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(|mistake| mistake.render(false)).collect::<Vec<_>>().join("\n\n"))
    })
}

fn lookup(name: &str) -> Option<String> {
    Some(format!("<{name}>"))
}

#[test]
fn a_request_case_is_resolved() {
    let plan = plan(&[("rfc7644/users-create.toml", CREATE)]);
    let [case] = plan.cases.as_slice() else { panic!("one case") };
    assert_eq!(case.id, "rfc7644/users-create/required-attributes-only");
    assert_eq!(case.refs, ["RFC7644 3.3", "RFC7643 4.1.1"]);
    assert_eq!((case.level, case.basis), (Level::Must, Basis::Documented));
    assert!(case.apps.is_empty() && case.okta.is_none() && case.golden.is_none() && !case.seed && !case.exclusive);

    let [create, read] = case.steps.as_slice() else { panic!("two steps") };
    let Action::Send(create) = &create.action else { panic!("a request") };
    assert_eq!((create.method.as_str(), create.expect.status.as_slice()), ("POST", &[Status::Code(201)][..]));
    assert_eq!(create.auth, Auth::Configured);
    assert_eq!(create.expect.checks, [Check::MediaTypeScimJson]);
    let Some(Body::Json(body)) = &create.body else { panic!("a JSON body") };
    assert_eq!(
        body.expand(&lookup).as_deref(),
        Ok(r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"<run>.minimal@example.com"}"#)
    );

    assert_eq!(read.why.as_deref(), Some("A 201 that was not stored is a lie; read it back."));
    let Action::Send(read) = &read.action else { panic!("a request") };
    assert_eq!(read.target.expand(&lookup).as_deref(), Ok("/Users/<id>"));
    assert_eq!(read.auth, Auth::None);
    assert_eq!(read.expect.status, [Status::Code(200), Status::Code(203)]);
    assert_eq!(read.headers[0], ("If-None-Match".to_owned(), HeaderChange::Remove));
    let Some(Pattern::Object(members)) = read.expect.json.as_ref().map(|json| &json.value) else { panic!() };
    let Pattern::Array { mode, items } = &members[2].1.value else { panic!("an array") };
    assert_eq!((*mode, &items[0].value), (ArrayMode::Each, &Pattern::Kind(Kind::Object)));
}

#[test]
fn a_pattern_points_at_itself_in_the_file() {
    let plan = plan(&[("rfc7644/users-create.toml", CREATE)]);
    let Action::Send(create) = &plan.cases[0].steps[0].action else { panic!("a request") };
    let Some(Pattern::Object(members)) = create.expect.json.as_ref().map(|json| &json.value) else { panic!() };
    let Pattern::Object(meta) = &members[4].1.value else { panic!("meta") };
    let location = meta[1].1.span.location();
    assert_eq!((location.file.as_str(), location.line, location.column), ("rfc7644/users-create.toml", 25, 53));
    assert_eq!(location.width, "\"{{base}}/Users/{{id}}\"".len());
    assert!(location.source.starts_with("  \"meta\":"));
}

#[test]
fn a_lifecycle_is_resolved_with_its_golden() {
    let plan = plan(&[
        ("okta/lifecycle.toml", LIFECYCLE),
        ("okta/golden/assign-update-deactivate-reactivate.http", GOLDEN),
        ("README.md", "not a suite"),
    ]);
    let [case] = plan.cases.as_slice() else { panic!("one case") };
    assert_eq!(case.apps, [AppKind::Catalog.into(), AppKind::Wizard.into()]);
    assert_eq!((case.needs.as_slice(), case.basis), (&[Need::Patch][..], Basis::Captured));
    assert!(case.seed && case.exclusive);
    let okta = case.okta.as_ref().expect("an app");
    assert!(okta.push.create && okta.push.update && okta.push.deactivate && !okta.push.password);
    assert_eq!(
        okta.user().profile.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(),
        ["login", "firstName", "lastName"]
    );

    let events: Vec<_> = case
        .steps
        .iter()
        .map(|step| match &step.action {
            Action::Event(event) => event,
            Action::Send(_) => panic!("an event"),
        })
        .collect();
    let kinds: Vec<_> = events.iter().map(|event| event.action.kind()).collect();
    assert_eq!(kinds, [EventKind::Assign, EventKind::Update, EventKind::Deactivate, EventKind::Reactivate]);
    let EventAction::Update { set, .. } = &events[1].action else { panic!("an update") };
    assert_eq!(set.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["lastName", "firstName"]);
    assert!(events[1].expect.exact && !events[0].expect.exact);
    assert_eq!((events[2].expect.found, events[2].expect.requests), (Some(1), Some(1)));
    assert_eq!((events[0].expect.outcome, events[3].expect.outcome), (Outcome::Done, Outcome::Task));

    let golden = case.golden.as_ref().expect("a golden");
    assert_eq!(golden.file, "okta/golden/assign-update-deactivate-reactivate.http");
    assert_eq!(golden.blocks.iter().map(|block| block.exchanges.len()).collect::<Vec<_>>(), [2, 2, 1, 1]);
    let Some(GoldenBody::LastBody(body)) = &golden.blocks[1].exchanges[1].body else { panic!("a last body") };
    let path = ["name", "givenName"].map(|name| Segment::Member(name.to_owned()));
    assert_eq!(body.changes[0].path, path);
}

#[test]
fn cases_and_suites_are_sorted_whatever_the_order_of_the_files() {
    let goldenless = LIFECYCLE.replace("golden = \"golden/assign-update-deactivate-reactivate.http\"", "");
    let plan = plan(&[("rfc7644/users-create.toml", CREATE), ("okta/lifecycle.toml", &goldenless)]);
    assert_eq!(
        plan.suites.iter().map(|suite| suite.name.as_str()).collect::<Vec<_>>(),
        ["okta/lifecycle", "rfc7644/users-create"]
    );
    assert!(plan.cases[0].id < plan.cases[1].id);
}

#[test]
fn a_suite_on_windows_means_the_same_and_its_carets_are_right() {
    let plan = plan(&[("rfc7644/users-create.toml", &CREATE.replace('\n', "\r\n"))]);
    let Action::Send(create) = &plan.cases[0].steps[0].action else { panic!("a request") };
    let Some(Pattern::Object(members)) = create.expect.json.as_ref().map(|json| &json.value) else { panic!() };
    let location = members[1].1.span.location();
    assert_eq!((location.line, location.column), (22, 15));
    assert_eq!(location.source, "  \"id\":       \"{{bind id: string}}\",");
}

#[test]
fn a_person_has_a_name_even_if_the_case_gives_none() {
    let short = LIFECYCLE
        .replace("golden = \"golden/assign-update-deactivate-reactivate.http\"", "")
        .replace("push    = [\"create\", \"update\", \"deactivate\"]\n", "")
        .replace("profile = { login = \"{{run}}.ada@example.com\", firstName = \"Ada\", lastName = \"Byron\" }\n", "");
    let plan = plan(&[("okta/lifecycle.toml", &short)]);
    let okta = plan.cases[0].okta.as_ref().expect("an app");
    assert!(okta.push.create && okta.push.update && okta.push.deactivate && !okta.push.password);
    let login = okta.user().profile.iter().find(|(key, _)| key == "login").expect("a login");
    let ProfileValue::One(login) = &login.1 else { panic!("one login") };
    assert_eq!(login.expand(&lookup).as_deref(), Ok("<run>.ada@example.com"));
}

#[test]
fn what_a_broken_catalog_lacks_is_not_the_fault_of_the_suites() {
    let files = [
        SourceFile::new("rfc7644/users-create.toml", CREATE),
        SourceFile::new("references.toml", "[[reference]]\nid = \"RFC7644 3.3\"\n"),
    ];
    let mistakes = load_all(&files).expect_err("the catalog is broken");
    let codes: Vec<_> = mistakes.iter().map(|mistake| (mistake.code(), mistake.span().path())).collect();
    assert_eq!(codes, [("S004", "references.toml")]);
}

#[test]
fn ids_of_the_catalog_are_unique() {
    let reference = "[[reference]]\nid = \"A\"\ntitle = \"t\"\nurl = \"u\"\nkind = \"rfc\"\n";
    let bug = "[[bug]]\nrow = 1\nproject = \"p\"\nurl = \"u\"\nsent = \"s\"\nwrong = \"w\"\ncheck = \"c\"\nevidence = \"e\"\n";
    let row = "[[row]]\nid = \"C1\"\ntitle = \"t\"\nfeature = \"f\"\nclass = \"human\"\nleft = \"l\"\n";
    let files = [
        SourceFile::new("references.toml", reference.repeat(2)),
        SourceFile::new("plan.toml", row.repeat(2)),
        SourceFile::new("vendor-bugs.toml", bug.repeat(2)),
    ];
    let mistakes = Catalog::load(&files).expect_err("all have one entry twice");
    assert_eq!(mistakes.iter().map(|mistake| mistake.code()).collect::<Vec<_>>(), ["S020"; 3]);
}

#[test]
fn a_diagnostic_is_one_line_for_editors_and_a_picture_for_people() {
    let files = [SourceFile::new("a/b.toml", "suite = \"b\"\ntitle = \"B\"\nnonsense = 1\n")];
    let mistakes = load(&files, &Catalog::default()).expect_err("an unknown key");
    assert_eq!(mistakes[0].to_string(), "a/b.toml:3:1: unknown key `nonsense` [S002]");
    assert!(mistakes[0].render(true).contains('\u{1b}'));
    assert!(!mistakes[0].render(false).contains('\u{1b}'));
}
