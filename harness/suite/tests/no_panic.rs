//! Whatever is in the files, the loader answers, and so does everything that shows its answer.

use proptest::prelude::*;
use scim_suite::{Action, Body, Catalog, Plan, SourceFile, load, load_all};

const SUITE: &str = r#"
suite = "okta/lifecycle"
title = "One life"

[[case]]
id = "one"
title = "Everything at once"
rule = "It loads."
ref = ["RFC7644 3.3"]
level = "okta"
basis = "captured"
bugs = [1]
needs = ["patch"]
golden = "golden/one.http"

[case.okta]
app = ["catalog", "aiw"]
push = ["create"]
profile = { login = "{{run}}.ada@example.com", firstName = "Zoë" }

[[case.step]]
why = "A surprise."
send = "POST /Users?x={{run.upper}}"
json = '''
{ "userName": "{{run}}\u00e9", "active": true, "n": [1.50, null] }
'''
headers = { Accept = "", If-Match = "{{base}}" }
auth = "raw Bearer {{run}}"
expect.status = [200, 201]
expect.headers = { Location = "{{base}}/Users/{{id}}" }
expect.json = '{ "id": "{{bind id: string}}", "e": ["{{contains}}", "{{one-of a|b}}"], "x": "{{absent-or null}}" }'
expect.exact = true
expect.checks = ["error-body"]

[[case.step]]
do = "assign"
expect.remote = '{ "userName": "{{ignoring-case {{user.login}}}}" }'

[[case]]
id = "two"
title = "Everybody at once"
rule = "It loads."
ref = ["C1"]
level = "okta"

[case.okta]
app = "catalog-1.1"
profile = { title = "", roles = ["a", "{{run}}"] }
group-batch = 2
empty = "null"

[[case.okta.person]]
as = "grace"
profile = { lastName = "Hopper" }
status = "staged"

[[case.okta.group]]
as = "crew"
name = "{{run}} Crew"
members = ["user", "grace"]

[[case.step]]
do = "assign"
who = ["user", "grace"]
parallel = true

[[case.step]]
do = "push-group"
group = "crew"
parallel = true
expect.remote = '{ "id": "{{crew.id}}" }'
expect.waits = [2]

[[case.step]]
do = "rename-group"
group = "crew"
name = "{{crew.name}} too"

[[case.step]]
do = "unlink-group"
group = "crew"
delete = true

[[case.step]]
do = "import-users"
expect.import = { scanned = 2 }
"#;

const GOLDEN: &str = r#"# One life.
### assign
> GET /Users?filter=userName%20eq%20%22{{user.login}}%22
< 200 | 404
> PUT /Users/{{id}}
> Accept: application/scim+json
> {{last.body with name.givenName="Zoë", emails[0].value="{{run}}"}}
< 200 bind id
> POST /Users
> {"password":"{{any}}"}
< 201
"#;

const REFERENCES: &str = r#"
[[reference]]
id = "RFC7644 3.3"
title = "Creating resources"
url = "https://www.rfc-editor.org/rfc/rfc7644#section-3.3"
kind = "rfc"

[[reference]]
id = "C1"
title = "Everybody"
url = "https://example.com/plan"
kind = "plan"
"#;

const ROWS: &str = r#"
[[row]]
id = "C1"
title = "Everybody"
feature = "push"
class = "part"
how = "by events"
left = "looking"

[[row]]
id = "C2"
title = "Nobody"
feature = "push"
class = "human"
left = "looking"
"#;

const BUGS: &str = r#"
[[bug]]
row = 1
project = "p"
url = "u"
sent = "s"
wrong = "w"
check = "c"
evidence = "e"
"#;

fn files(suite: &str, golden: &str, references: &str, bugs: &str) -> [SourceFile; 5] {
    with_rows(suite, golden, references, bugs, ROWS)
}

fn with_rows(suite: &str, golden: &str, references: &str, bugs: &str, rows: &str) -> [SourceFile; 5] {
    [
        SourceFile::new("okta/lifecycle.toml", suite),
        SourceFile::new("okta/golden/one.http", golden),
        SourceFile::new("references.toml", references),
        SourceFile::new("vendor-bugs.toml", bugs),
        SourceFile::new("plan.toml", rows),
    ]
}

#[test]
fn the_file_that_is_changed_is_good() {
    load_all(&files(SUITE, GOLDEN, REFERENCES, BUGS)).expect("nothing is wrong with it");
}

#[test]
fn depth_does_not_matter() {
    let deep = 100_000;
    for suite in [
        format!("{} = 1\n", vec!["a"; deep].join(".")),
        format!("[{}]\n", vec!["a"; deep].join(".")),
        format!("a = {}{}\n", "[".repeat(deep), "]".repeat(deep)),
        format!("a = {}{}\n", "{a=".repeat(deep), "}".repeat(deep)),
        SUITE.replace("{ \"id\": \"{{bind id: string}}\"", &"[".repeat(deep)),
        SUITE.replace("{{bind id: string}}", &"{{absent-or ".repeat(deep)),
        SUITE.replace("{{bind id: string}}", &format!("{{{{{}any}}}}", "absent-or ".repeat(deep))),
        SUITE.replace("{{bind id: string}}", &format!("{}{}", "{{".repeat(deep), "}}".repeat(deep))),
    ] {
        answer(&files(&suite, GOLDEN, REFERENCES, BUGS));
    }
}

/// Loads and shows; a plan is expanded, a list of mistakes rendered.
fn answer(files: &[SourceFile]) {
    match load_all(files) {
        Ok((plan, catalog)) => {
            expand(&plan);
            catalog.uncovered(&plan).iter().for_each(|gap| assert!(gap.render(false).contains(gap.code())));
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in &mistakes {
                assert!(mistake.render(false).contains(mistake.code()));
                assert!(!mistake.to_string().is_empty());
            }
        }
    }
    let _ = load(files, &Catalog::default());
}

fn expand(plan: &Plan) {
    let lookup = |_: &str| Some("\"\\\u{1}é".to_owned());
    for step in plan.cases.iter().flat_map(|case| &case.steps) {
        assert!(step.span.location().width > 0);
        if let Action::Send(send) = &step.action {
            send.target.expand(&lookup).expect("everything is bound");
            if let Some(Body::Json(json)) = &send.body {
                let text = json.expand(&lookup).expect("everything is bound");
                serde_json::from_str::<serde_json::Value>(&text).expect("a template of JSON expands to JSON");
            }
        }
    }
}

/// Cuts a piece out of a text and puts another one there.
fn edited(text: &'static str) -> impl Strategy<Value = String> {
    let scrap = prop_oneof![
        "[\\[\\]{}\"'=.,#<>|\\\\ \r\n:-]{0,6}",
        "\\PC{0,4}",
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        Just("'''".to_owned()),
        Just("[[case.step]]\n".to_owned()),
        Just("\u{feff}".to_owned()),
        any::<u8>().prop_map(|byte| char::from(byte).to_string()),
    ];
    (any::<prop::sample::Index>(), 0..40_usize, scrap).prop_map(move |(at, length, scrap)| {
        let start = text.floor_char_boundary(at.index(text.len()));
        let end = text.ceil_char_boundary((start + length).min(text.len()));
        format!("{}{scrap}{}", &text[..start], &text[end..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_any_bytes(suite in any::<Vec<u8>>(), golden in any::<Vec<u8>>(), catalog in any::<Vec<u8>>()) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        answer(&files(&text(&suite), &text(&golden), &text(&catalog), &text(&catalog)));
    }

    #[test]
    fn on_an_edited_suite(suite in edited(SUITE)) {
        answer(&files(&suite, GOLDEN, REFERENCES, BUGS));
    }

    #[test]
    fn on_an_edited_golden(golden in edited(GOLDEN)) {
        answer(&files(SUITE, &golden, REFERENCES, BUGS));
    }

    #[test]
    fn on_an_edited_catalog(references in edited(REFERENCES), bugs in edited(BUGS), rows in edited(ROWS)) {
        answer(&with_rows(SUITE, GOLDEN, &references, &bugs, &rows));
    }

    #[test]
    fn on_windows_line_ends(suite in edited(SUITE)) {
        answer(&files(&suite.replace('\n', "\r\n"), &GOLDEN.replace('\n', "\r\n"), REFERENCES, BUGS));
    }
}
