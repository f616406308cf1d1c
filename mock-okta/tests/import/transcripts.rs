//! Golden transcripts of imports and discoveries against scripted answers.
//!
//! `BLESS=1 cargo test -p mock-okta --test import` rewrites the files `tests/transcripts/import-*.http`.

use std::fmt::Write as _;
use std::path::Path;

use mock_okta::import::{
    Discovery, DiscoveryGoal, Import, ImportReport, ImportSettings, Known, Noted, Paging, Safeguard, Scope, Seen,
    StopRule, Tally, WhenDeactivated,
};
use mock_okta::{App, AppKind, AppUser, AppUserStatus, Outcome, Profile, Request, Response, Step};
use similar::TextDiff;

use crate::support::{Asks, group, list, user};

/// One block: what Okta knows and is told to do, and the server's answers in order.
struct Situation {
    name: &'static str,
    scope: Scope,
    /// Pages of two, so that a transcript can be read.
    settings: ImportSettings,
    known: Known,
    script: Vec<Response>,
}

fn ok(body: impl Into<Vec<u8>>) -> Response {
    Response::new(200, "OK", body)
}

fn error(status: u16, reason: &str, detail: &str) -> Response {
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"{detail}","status":"{status}"}}"#
    );
    Response::new(status, reason, body)
}

fn too_many(retry_after: Option<&str>) -> Response {
    Response { retry_after: retry_after.map(str::to_owned), ..error(429, "Too Many Requests", "Slow down.") }
}

fn pages(total: usize, pages: &[&[String]]) -> Vec<Response> {
    pages.iter().enumerate().map(|(at, resources)| ok(list(total, 2 * at + 1, resources))).collect()
}

fn situation(name: &'static str, scope: Scope, script: Vec<Response>) -> Situation {
    let settings = ImportSettings { count: 2, ..ImportSettings::default() };
    Situation { name, scope, settings, known: Known::default(), script }
}

fn users(name: &'static str, script: Vec<Response>) -> Situation {
    situation(name, Scope::Users, script)
}

/// Okta pushed these people before.
fn pushed(ids: &[(&str, AppUserStatus)]) -> Known {
    let mut known = Known::default();
    for (id, status) in ids {
        let mut user = AppUser::new("00u", Profile::new(format!("{id}@example.test"), "Ada", "Byron"), "1mz050nq");
        user.remote_id = Some((*id).to_owned());
        user.status = *status;
        known.push_app_user(&user);
    }
    known
}

fn active(ids: &[&'static str]) -> Known {
    pushed(&ids.iter().map(|id| (*id, AppUserStatus::Provisioned)).collect::<Vec<_>>())
}

fn ada(id: &str) -> String {
    user(id, "Ada", true)
}

fn user_situations() -> Vec<Situation> {
    let two = [ada("a"), ada("b")];
    vec![
        Situation {
            settings: ImportSettings::default(),
            ..users("nobody, asked for as Okta asks", vec![ok(list(0, 1, &[]))])
        },
        users(
            "the active are new and the inactive are left out",
            pages(
                3,
                &[&[ada("a"), user("b", "Bob", false)], &[user("c", "Cleo", true).replace(r#","active":true"#, "")]],
            ),
        ),
        Situation {
            known: pushed(&[
                ("a", AppUserStatus::Provisioned),
                ("b", AppUserStatus::Provisioned),
                ("c", AppUserStatus::Provisioned),
                ("d", AppUserStatus::Provisioned),
                ("e", AppUserStatus::Inactive),
            ]),
            ..users(
                "known ones are unchanged, updated, deactivated, gone or active again",
                pages(4, &[&[ada("a"), user("b", "Augusta", true)], &[user("c", "Ada", false), ada("e")]]),
            )
        },
        Situation {
            settings: ImportSettings {
                count: 2,
                profile_source: Some(WhenDeactivated::Suspend),
                ..ImportSettings::default()
            },
            known: active(&["a", "b"]),
            ..users("a profile source takes people with it", pages(2, &[&[ada("a"), user("b", "Ada", false)]]))
        },
        Situation {
            settings: ImportSettings { count: 2, full: false, ..ImportSettings::default() },
            known: active(&["a", "b"]),
            ..users("an import that is not full removes nobody", pages(1, &[&[ada("a")]]))
        },
        Situation {
            settings: ImportSettings { count: 2, stop: StopRule::EmptyPage, ..ImportSettings::default() },
            ..users("an empty page for an end", pages(2, &[&two, &[]]))
        },
        users("pages shorter than asked for leave people out", pages(4, &[&[ada("a")], &[ada("c")]])),
        users("the same user on two pages, and one on none", pages(4, &[&two, &[ada("b"), ada("d")]])),
        users("a total that counts the page", pages(2, &[&two])),
        users(
            "lower-case keys",
            vec![ok(format!(r#"{{"totalresults":1,"startindex":1,"itemsperpage":1,"resources":[{}]}}"#, ada("a")))],
        ),
        users(
            "itemsPerPage repeats count",
            vec![ok(list(1, 1, &[ada("a")]).replace(r#""itemsPerPage":1"#, r#""itemsPerPage":2"#))],
        ),
        Situation {
            settings: ImportSettings::default(),
            known: active(&["c"]),
            ..users(
                "entries Okta cannot use",
                vec![ok(list(
                    8,
                    1,
                    &[
                        "7".to_owned(),
                        ada("a").replace(r#""id":"a","#, ""),
                        ada("b").replace(r#""schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"#, ""),
                        ada("c").replace(r#","familyName":"Byron""#, ""),
                        ada("d").replace(r#""userName":"d@example.test","#, ""),
                        ada("e").replace(
                            r#"[{"primary":true,"value":"e@example.test","type":"work"}]"#,
                            r#""e@example.test""#,
                        ),
                        ada("f").replace(r#"[{"primary":true,"value":"f@example.test","type":"work"}]"#, "[]"),
                        ada("g"),
                    ],
                ))],
            )
        },
        users("a counter that is a text", vec![ok(list(1, 1, &[ada("a")]).replace(r#":1,"i"#, r#":"1","i"#))]),
        users("no Resources", vec![ok(r#"{"totalResults":0,"startIndex":1,"itemsPerPage":0}"#)]),
        users("a bare array", vec![ok("[]")]),
        users("a web page", vec![ok("<!doctype html>")]),
        users("an empty body", vec![ok("")]),
        users("wrong credentials", vec![error(401, "Unauthorized", "The token is not known.")]),
        Situation {
            known: active(&["a", "z"]),
            ..users("an error on the second page changes nothing", {
                let mut script = pages(3, &[&two]);
                script.push(error(500, "Internal Server Error", "Out of luck."));
                script
            })
        },
        users("a pause and another attempt", vec![too_many(Some("2")), too_many(None), ok(list(1, 1, &[ada("a")]))]),
        users("a list without an end", {
            let all = list(1_000, 1, &two);
            vec![ok(all.clone()), ok(all.clone()), ok(all.clone()), ok(all)]
        }),
        Situation {
            settings: ImportSettings {
                count: 2,
                app_safeguard: Some(Safeguard { sleeps_up_to: 2, ..Safeguard::default() }),
                ..ImportSettings::default()
            },
            known: active(&["a", "b", "c"]),
            ..users("the safeguard of the app", pages(2, &[&two]))
        },
        Situation {
            settings: ImportSettings {
                count: 2,
                org_safeguard: Some((Safeguard { percent: 10, ..Safeguard::default() }, 101)),
                ..ImportSettings::default()
            },
            known: pushed(&NAMES.map(|id| (id, AppUserStatus::Provisioned))),
            ..users("the safeguard of the org", pages(2, &[&two]))
        },
    ]
}

const NAMES: [&str; 13] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"];

fn group_situations() -> Vec<Situation> {
    let two = [ada("a"), ada("b")];
    let with_groups = |groups: Response| vec![ok(list(2, 1, &two)), groups];
    let everything = |name, script| situation(name, Scope::Everything, script);
    vec![
        everything("users, then groups with members of theirs", {
            let mut script = pages(2, &[&two]);
            script.extend(pages(3, &[
                &[group("g1", &["a", "b", "x"]), group("g2", &[])],
                &[r#"{"schemas":["s"],"id":"g3","displayName":"Nested","members":[{"value":"g1","type":"Group"},{"display":"nobody"}]}"#.to_owned()],
            ]));
            script
        }),
        everything("groups are not implemented", with_groups(error(501, "Not Implemented", "No groups here."))),
        everything("groups fail", with_groups(error(500, "Internal Server Error", "Out of luck."))),
        everything("groups are no list", with_groups(ok(r#"{"totalResults":0}"#))),
        Situation {
            known: active(&["a"]),
            ..situation(
                "groups alone, matched with whom Okta is linked to",
                Scope::Groups,
                pages(
                    3,
                    &[
                        &[group("g1", &["a", "b"]), r#"{"schemas":["s"],"id":"g2"}"#.to_owned()],
                        &[r#"{"schemas":["s"],"id":"g3","displayName":"Silent"}"#.to_owned()],
                    ],
                ),
            )
        },
        Situation {
            known: read_before(&[group("g1", &["a"]), group("g2", &["a"]), group("g3", &[]), group("g4", &[])]),
            settings: ImportSettings::default(),
            ..situation(
                "groups read before, one changed, one gone, two in another order",
                Scope::Groups,
                vec![ok(list(3, 1, &[group("g3", &[]), group("g1", &["a", "b"]), group("g2", &["a"])]))],
            )
        },
    ]
}

/// What an import of these groups leaves.
fn read_before(groups: &[String]) -> Known {
    let app = App::new(AppKind::Catalog);
    let (mut import, _) = Import::start(&app, Scope::Groups, ImportSettings::default(), Known::default());
    import.next(ok(list(groups.len(), 1, groups)));
    import.into_known()
}

const TYPES: &str = r#"{"name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User","schemaExtensions":[{"schema":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","required":false}]}"#;
const ROLE: &str = r#"{"id":"Role","name":"Role","endpoint":"/Roles","schema":"urn:okta:scim:schemas:core:1.0:Role"}"#;
const LICENSE: &str = r#"{"id":"License","name":"License","endpoint":"/Licenses","schema":"urn:okta:scim:schemas:core:1.0:Entitlement","schemaExtensions":[{"schema":"urn:acme:1.0:License","required":true}]}"#;
const LICENSE_SCHEMA: &str = r#"{"id":"urn:acme:1.0:License","name":"License","attributes":[{"name":"seats","type":"integer","multiValued":false,"required":true,"mutability":"readOnly"}]}"#;
const USER_SCHEMA: &str = r#"{"id":"urn:ietf:params:scim:schemas:core:2.0:User","name":"User","attributes":[{"name":"userName","type":"string","required":true},{"name":"name","type":"complex","subAttributes":[{"name":"givenName","type":"string"}]},{"name":"emails","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string"}]}]}"#;

struct Search {
    name: &'static str,
    goal: DiscoveryGoal,
    script: Vec<Response>,
}

fn value(schema: &str, id: &str, more: &str) -> String {
    format!(r#"{{"schemas":["urn:okta:scim:schemas:core:1.0:{schema}"],"id":"{id}"{more}}}"#)
}

fn searches() -> Vec<Search> {
    let whole = |entries: &[&str]| {
        ok(list(entries.len(), 1, &entries.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()))
    };
    let entitlements = |name, script| Search { name, goal: DiscoveryGoal::Entitlements, script };
    let schema = |name, script| Search { name, goal: DiscoveryGoal::UserSchema, script };
    let role = |id| value("Role", id, r#","displayName":"A role""#);
    let license = |id, more: &str| value("Entitlement", id, &format!(r#","displayName":"A licence"{more}"#));
    vec![
        entitlements("types, the schema of an extension, and every role and licence", {
            let mut script = vec![whole(&[TYPES, ROLE, LICENSE]), whole(&[LICENSE_SCHEMA, USER_SCHEMA])];
            script.extend(pages(3, &[&[role("r1"), role("r2")], &[role("r3")]]));
            script.extend(pages(2, &[&[license("l1", r#","type":"License""#), license("l2", "")]]));
            script
        }),
        entitlements(
            "without unknown extensions schemas are not asked for",
            vec![whole(&[TYPES, ROLE]), ok(list(2, 1, &[value("Role", "r1", ""), role("r2")]))],
        ),
        entitlements("a schema that is not there", vec![whole(&[LICENSE]), whole(&[USER_SCHEMA]), ok(list(0, 1, &[]))]),
        entitlements(
            "endpoints that lead elsewhere are left alone",
            vec![whole(&[
                &ROLE.replace("/Roles", "https://elsewhere.test/Roles"),
                &ROLE.replace("/Roles", "//elsewhere.test/Roles"),
                &ROLE.replace("/Roles", "/../admin"),
            ])],
        ),
        entitlements("no resource types", vec![error(404, "Not Found", "No such endpoint.")]),
        entitlements("schemas fail", vec![whole(&[LICENSE]), error(500, "Internal Server Error", "Out of luck.")]),
        entitlements("roles fail", vec![whole(&[ROLE]), ok("[]")]),
        schema(
            "the attributes of users",
            vec![
                whole(&[
                    &TYPES
                        .replace("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "urn:acme:1.0:License"),
                    ROLE,
                ]),
                whole(&[USER_SCHEMA, LICENSE_SCHEMA]),
            ],
        ),
    ]
}

fn import_block(situation: Situation) -> String {
    let mut text = format!("### {}\n", situation.name);
    let app = App::new(AppKind::Catalog);
    let (mut import, step) = Import::start(&app, situation.scope, situation.settings, situation.known);
    let outcome = exchange(&mut text, &mut import, step, situation.script, |text, import| {
        import.take_seen().iter().for_each(|seen| write_seen(text, seen));
    });
    write_outcome(&mut text, &outcome, import.reason());
    for removal in import.removals() {
        line(
            &mut text,
            '=',
            &format!("removed: {} {:?}, person: {:?}", removal.remote_id, removal.cause, removal.person),
        );
    }
    for id in import.removed_groups() {
        line(&mut text, '=', &format!("removed group: {id}"));
    }
    write_report(&mut text, import.report());
    text
}

fn discovery_block(search: Search) -> String {
    let mut text = format!("### {}\n", search.name);
    let settings = ImportSettings { count: 2, ..ImportSettings::default() };
    let (mut discovery, step) = Discovery::start(&App::new(AppKind::Catalog), search.goal, settings);
    let outcome = exchange(&mut text, &mut discovery, step, search.script, |text, discovery| {
        for seen in discovery.take_seen() {
            line(text, '=', &format!("{:?} {} of {}: {}", seen.kind, seen.id, seen.resource_type, seen.display_name));
        }
    });
    write_outcome(&mut text, &outcome, discovery.reason());
    let report = discovery.report();
    write_noted(&mut text, "left out", &report.malformed_types, |out| format!("{}: {}", out.index, out.fault.shown()));
    for attribute in &report.attributes {
        line(&mut text, '=', &format!("{attribute:?}"));
    }
    for urn in &report.missing_schemas {
        line(&mut text, '=', &format!("missing schema: {urn}"));
    }
    for read in &report.types {
        let all = if read.is_all() { "all" } else { "not all" };
        line(&mut text, '=', &format!("{}: {} read, {all}", read.resource_type, read.values));
        write_noted(&mut text, "left out", &read.malformed, |out| format!("{:?}: {}", out.id, out.fault.shown()));
        write_noted(&mut text, "odd", &read.odd, |out| format!("{:?}: {}", out.id, out.fault.shown()));
        write_paging(&mut text, &read.paging);
    }
    text
}

fn exchange<F: Asks>(
    text: &mut String,
    flow: &mut F,
    mut step: Step,
    script: Vec<Response>,
    seen: fn(&mut String, &mut F),
) -> Outcome {
    let mut script = script.into_iter();
    loop {
        step = match step {
            Step::Send(request) => {
                let response = script.next().unwrap_or_else(|| panic!("no answer to {} in\n{text}", request.target));
                write_exchange(text, &request, &response);
                let step = flow.next(response);
                seen(text, flow);
                step
            }
            Step::Wait(pause) => {
                line(text, '~', &format!("{} s", pause.as_secs()));
                flow.resume()
            }
            Step::Done(outcome) => {
                assert_eq!(script.next(), None, "an answer is left over in\n{text}");
                return outcome;
            }
        };
    }
}

fn line(text: &mut String, sign: char, line: &str) {
    writeln!(text, "{sign} {line}").expect("a String takes everything");
}

fn write_exchange(text: &mut String, request: &Request, response: &Response) {
    line(text, '>', &format!("{} {}", request.method, request.target));
    for (name, value) in &request.headers {
        line(text, '>', &format!("{name}: {value}"));
    }
    line(text, '<', format!("{} {}", response.status, String::from_utf8_lossy(&response.body)).trim_end());
    if let Some(retry_after) = &response.retry_after {
        line(text, '<', &format!("Retry-After: {retry_after}"));
    }
}

fn write_seen(text: &mut String, seen: &Seen) {
    match seen {
        Seen::User { user, verdict } => line(text, '=', &format!("user {} {}: {verdict:?}", user.id, user.given_name)),
        Seen::Group { group, verdict } => line(text, '=', &format!("group {}: {verdict:?}", group.id)),
    }
}

fn write_outcome(text: &mut String, outcome: &Outcome, reason: Option<&str>) {
    match outcome {
        Outcome::Done { message } => line(text, '=', &format!("done: {message}")),
        Outcome::Task { message } => line(text, '=', &format!("task: {message}")),
    }
    if let Some(reason) = reason {
        line(text, '=', &format!("reason: {reason}"));
    }
}

fn write_report(text: &mut String, report: &ImportReport) {
    line(text, '=', &format!("end: {:?}", report.end));
    for (name, tally) in [("users", &report.users), ("groups", &report.groups)] {
        if tally.paging.pages > 0 {
            line(text, '=', &format!("{name}: {:?}", tally.counters));
        }
        write_tally(text, tally);
    }
    let members = &report.members;
    if members.matched > 0 || !members.unknown.is_empty() {
        let (matched, empty, groups) = (members.matched, members.without_value, members.groups);
        line(text, '=', &format!("members: {matched} matched, {empty} without value, {groups} groups"));
        write_noted(text, "unknown member", &members.unknown, String::clone);
    }
}

fn write_tally(text: &mut String, tally: &Tally) {
    write_noted(text, "inactive", &tally.inactive, |out| format!("{} {:?}", out.user_name, out.activity));
    write_noted(text, "left out", &tally.malformed, |out| {
        format!("{}+{} {:?}: {}", out.page, out.index, out.id, out.fault.shown())
    });
    write_noted(text, "order", &tally.order, |out| format!("{out:?}"));
    write_paging(text, &tally.paging);
}

fn write_paging(text: &mut String, paging: &Paging) {
    write_noted(text, "short page", &paging.short_pages, |out| format!("{out:?}"));
    write_noted(text, "long page", &paging.long_pages, |out| format!("{out:?}"));
    write_noted(text, "counter", &paging.counters, |out| format!("{out:?}"));
    write_noted(text, "twice", &paging.duplicates, |out| format!("{out:?}"));
    if paging.lower_case_keys {
        line(text, '=', "keys in lower case");
    }
    if paging.missing() > 0 {
        line(text, '=', &format!("missing: {}", paging.missing()));
    }
}

fn write_noted<T>(text: &mut String, what: &str, noted: &Noted<T>, show: impl Fn(&T) -> String) {
    for example in noted.examples() {
        line(text, '=', &format!("{what}: {}", show(example)));
    }
}

#[test]
fn every_import_is_as_its_transcript_says() {
    let block = |blocks: Vec<String>| blocks.join("\n");
    let mut differences = String::new();
    for (name, text) in [
        ("users", block(user_situations().into_iter().map(import_block).collect())),
        ("groups", block(group_situations().into_iter().map(import_block).collect())),
        ("entitlements", block(searches().into_iter().map(discovery_block).collect())),
    ] {
        differences += &compare(&format!("import-{name}.http"), &text);
    }
    assert!(differences.is_empty(), "BLESS=1 rewrites the transcripts\n{differences}");
}

fn compare(file: &str, actual: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, actual).expect("a transcript can be written");
        return String::new();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    TextDiff::from_lines(expected.as_str(), actual).unified_diff().header(file, "this run").to_string()
}
