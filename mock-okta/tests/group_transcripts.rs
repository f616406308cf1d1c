//! Golden transcripts: every flow of a pushed group, for every kind of app, against scripted answers.
//!
//! `BLESS=1 cargo test -p mock-okta --test group_transcripts` rewrites `tests/transcripts/group-*.http`.

use std::fmt::Write as _;
use std::path::Path;

use mock_okta::{
    App, AppKind, Group, GroupEvent, GroupFlow, Mapping, MappingStatus, Member, MembersForm, Outcome, Request,
    Response, Step,
};

/// One block of a transcript: what the administrator set up, what happens, how the server answers.
struct Situation {
    name: &'static str,
    event: GroupEvent,
    app: fn(&mut App),
    mapping: fn(&mut Mapping),
    script: Vec<Answer>,
}

/// The first answer whose method, target and part of the body fit a request is given.
struct Answer {
    method: &'static str,
    target: &'static str,
    sent: &'static str,
    status: u16,
    body: &'static str,
}

const LOOKUP: (&str, &str) = ("GET", "/Groups?filter=");
const READ: (&str, &str) = ("GET", "/Groups/abf4dd94");
const CREATE: (&str, &str) = ("POST", "/Groups");
const PUT: (&str, &str) = ("PUT", "/Groups/abf4dd94");
const PATCH: (&str, &str) = ("PATCH", "/Groups/abf4dd94");
const DELETE: (&str, &str) = ("DELETE", "/Groups/abf4dd94");

const NONE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#;
const FOUND: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"abf4dd94","displayName":"CREW"}]}"#;
const STRANGER: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"666","displayName":"Crew 2"}]}"#;
const TWINS: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"startIndex":1,"itemsPerPage":2,"Resources":[{"id":"1","displayName":"Crew"},{"id":"2","displayName":"Crew"}]}"#;
const STRING_COUNTER: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":"1","itemsPerPage":0,"Resources":[]}"#;
const CREATED: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"abf4dd94","displayName":"Crew","members":[],"meta":{"resourceType":"Group"}}"#;
/// Somebody is in it of whom Okta knows nothing.
const DRIFTED: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"abf4dd94","externalId":"x","displayName":"Target crew","members":[{"value":"u1","$ref":"../Users/u1","display":"Ada Byron"},{"value":"u9","type":"User"}],"meta":{"resourceType":"Group"}}"#;
const WITHOUT_MEMBERS: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"abf4dd94","displayName":"Crew","members":null,"meta":{"resourceType":"Group"}}"#;
const ERROR_400: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"invalidPath","detail":"Unsupported group path","status":"400"}"#;
const ERROR_401: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"The token is not known.","status":"401"}"#;
const ERROR_404: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"Group not found","status":404}"#;
const ERROR_409: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"A team with this slug already exists.","status":409}"#;
const ERROR_501: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"patch-REPLACE-operation not supported for group.members","status":"501"}"#;

fn answer((method, target): (&'static str, &'static str), status: u16, body: &'static str) -> Answer {
    Answer { method, target, sent: "", status, body }
}

/// An answer to requests whose body holds `sent`.
fn answer_to(sent: &'static str, request: (&'static str, &'static str), status: u16, body: &'static str) -> Answer {
    Answer { sent, ..answer(request, status, body) }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        409 => "Conflict",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        _ => "",
    }
}

fn ada() -> Member {
    Member::new("u1", "ada@example.test")
}

fn bob() -> Member {
    Member::new("u2", "bob@example.test")
}

fn crew(size: usize) -> Vec<Member> {
    (1..=size).map(|at| Member::new(format!("u{at}"), format!("member{at}@example.test"))).collect()
}

/// A situation of a group that was never pushed.
fn unpushed(name: &'static str, event: GroupEvent, script: Vec<Answer>) -> Situation {
    Situation { name, event, app: |_| (), mapping: |_| (), script }
}

/// A situation of a group that was pushed with one member.
fn pushed(name: &'static str, event: GroupEvent, script: Vec<Answer>) -> Situation {
    Situation { mapping: link, ..unpushed(name, event, script) }
}

fn link(mapping: &mut Mapping) {
    mapping.remote_id = Some("abf4dd94".to_owned());
    mapping.pushed = vec![ada()];
}

/// A situation of a pushed group whose name at the service provider is another one.
fn linked_by_another_name(mapping: &mut Mapping) {
    link(mapping);
    mapping.target_name = "Target crew".to_owned();
}

fn inactive(mapping: &mut Mapping) {
    link(mapping);
    mapping.status = MappingStatus::Inactive;
}

fn failed(mapping: &mut Mapping) {
    link(mapping);
    mapping.status = MappingStatus::Error;
    mapping.error_summary = Some("an earlier error".to_owned());
}

fn never_created(mapping: &mut Mapping) {
    mapping.status = MappingStatus::Error;
    mapping.error_summary = Some("an earlier error".to_owned());
}

/// A server that takes everything and holds a group which drifted.
fn accepting() -> Vec<Answer> {
    vec![
        answer(LOOKUP, 200, FOUND),
        answer(CREATE, 201, CREATED),
        answer(READ, 200, DRIFTED),
        answer(PUT, 200, DRIFTED),
        answer(PATCH, 204, ""),
        answer(DELETE, 204, ""),
    ]
}

/// The same server, but this comes first.
fn except(exceptions: impl IntoIterator<Item = Answer>) -> Vec<Answer> {
    exceptions.into_iter().chain(accepting()).collect()
}

fn push() -> Vec<Situation> {
    let push = |name, script| unpushed(name, GroupEvent::Push(vec![ada(), bob()]), script);
    let created = |name, status, body| push(name, vec![answer(CREATE, status, body)]);
    vec![
        push("two members", accepting()),
        unpushed("nobody, or memberships not at once", GroupEvent::Push(vec![]), accepting()),
        Situation { app: |app| app.rename_groups = false, ..push("Rename app groups off", accepting()) },
        Situation {
            app: |app| app.rename_groups = false,
            mapping: |mapping| mapping.target_name = "Target crew".to_owned(),
            ..push("Rename app groups off, another name wanted", accepting())
        },
        Situation {
            app: |app| app.group_batch = 2,
            ..unpushed("five members by two", GroupEvent::Push(crew(5)), accepting())
        },
        Situation { app: |app| app.members_form = MembersForm::Pathless, ..push("path-less", accepting()) },
        Situation {
            app: |app| app.members_form = MembersForm::PathlessWithName,
            ..push("path-less with the name", accepting())
        },
        Situation {
            mapping: |mapping| {
                mapping.group.name = r#"Crew "A" \ ü"#.to_owned();
                mapping.target_name.clone_from(&mapping.group.name);
            },
            ..unpushed(
                "ids and names that need escaping",
                GroupEvent::Push(vec![Member::new(r#"u"1\"#, "ä@example.test")]),
                vec![
                    answer(CREATE, 201, r#"{"id":"a/b \"c\""}"#),
                    answer(("GET", "/Groups/a%2Fb%20%22c%22"), 200, CREATED),
                    answer(("PUT", "/Groups/a%2Fb%20%22c%22"), 200, CREATED),
                    answer(("PATCH", "/Groups/a%2Fb%20%22c%22"), 204, ""),
                ],
            )
        },
        created("409 on create", 409, ERROR_409),
        created("404 in plain text on create", 404, "Groups are not supported"),
        created("500 on create without a body", 500, ""),
        created("an empty body on create", 201, ""),
        created("a group without id", 201, r#"{"displayName":"Crew"}"#),
        created("a web page on create", 201, "<!doctype html>"),
        push(
            "the name refused after create",
            except([answer_to("displayName", PATCH, 400, ERROR_400), answer(PUT, 400, ERROR_400)]),
        ),
        push(
            "the members refused after create",
            except([answer_to("members", PATCH, 501, ERROR_501), answer(PUT, 501, ERROR_501)]),
        ),
    ]
}

fn link_group() -> Vec<Situation> {
    let link = |name, script| unpushed(name, GroupEvent::Link(vec![ada(), bob()]), script);
    let looked_up = |name, status, body| link(name, vec![answer(LOOKUP, status, body)]);
    vec![
        link("found", accepting()),
        Situation { app: |app| app.rename_groups = false, ..link("found, Rename app groups off", accepting()) },
        unpushed("found, nobody to add", GroupEvent::Link(vec![]), accepting()),
        Situation {
            app: |app| app.rename_groups = false,
            ..unpushed("found, nobody to add, Rename app groups off", GroupEvent::Link(vec![]), accepting())
        },
        Situation { mapping: linked_by_another_name, ..link("known from an import", accepting()) },
        Situation {
            mapping: |mapping| mapping.status = MappingStatus::Inactive,
            ..unpushed("linked again", GroupEvent::Relink(vec![ada()]), accepting())
        },
        link("not found", except([answer(LOOKUP, 200, NONE)])),
        link("not found, answered with 404", except([answer(LOOKUP, 404, ERROR_404)])),
        looked_up("another group", 200, STRANGER),
        looked_up("two groups of the name", 200, TWINS),
        looked_up("a textual counter", 200, STRING_COUNTER),
        looked_up("a web page", 200, "<!doctype html>"),
        looked_up("401", 401, ERROR_401),
    ]
}

fn rename() -> Vec<Situation> {
    let rename = |name, script| pushed(name, GroupEvent::Rename("Cast".to_owned()), script);
    vec![
        rename("Rename app groups on", accepting()),
        rename("a server that returns no members", except([answer(READ, 200, WITHOUT_MEMBERS)])),
        Situation { app: |app| app.rename_groups = false, ..rename("Rename app groups off", accepting()) },
        Situation { mapping: inactive, ..rename("push deactivated", accepting()) },
        Situation { mapping: failed, ..rename("after an error", accepting()) },
        rename("refused", except([answer(PATCH, 400, ERROR_400), answer(PUT, 400, ERROR_400)])),
        rename("group gone", vec![answer(PATCH, 404, ERROR_404), answer(READ, 404, ERROR_404)]),
        unpushed("a group never pushed", GroupEvent::Rename("Cast".to_owned()), accepting()),
    ]
}

fn members() -> Vec<Situation> {
    let change = |name, add, remove, script| pushed(name, GroupEvent::ChangeMembers { add, remove }, script);
    let both = |name, script| change(name, vec![bob()], vec![ada()], script);
    vec![
        change("one came", vec![bob()], vec![], accepting()),
        change("one went", vec![], vec![ada()], accepting()),
        change("some came, some went", crew(6)[3..].to_vec(), crew(2), accepting()),
        Situation { app: |app| app.rename_groups = false, ..both("Rename app groups off", accepting()) },
        Situation {
            app: |app| app.group_batch = 2,
            ..change("five changes by two", crew(5)[3..].to_vec(), crew(3), accepting())
        },
        Situation { app: |app| app.members_form = MembersForm::Pathless, ..both("path-less", accepting()) },
        Situation {
            app: |app| app.members_form = MembersForm::PathlessWithName,
            ..both("path-less with the name", accepting())
        },
        Situation {
            app: |app| app.members_form = MembersForm::PathlessWithName,
            ..change("path-less with the name, the last one went", vec![], vec![ada()], accepting())
        },
        both("a server that returns no members", except([answer(READ, 200, WITHOUT_MEMBERS)])),
        change("nobody came or went", vec![], vec![], vec![]),
        Situation { mapping: inactive, ..both("push deactivated", vec![]) },
        Situation { mapping: failed, ..both("after an error", vec![]) },
        unpushed("a group never pushed", GroupEvent::ChangeMembers { add: vec![ada()], remove: vec![] }, vec![]),
        both("group gone", vec![answer(PATCH, 404, ERROR_404), answer(READ, 404, ERROR_404)]),
        both("a web page on reading", except([answer(PATCH, 200, "<!doctype html>"), answer(READ, 200, "<html>")])),
        both("refused", except([answer_to("members", PATCH, 501, ERROR_501), answer(PUT, 501, ERROR_501)])),
        Situation {
            app: |app| app.group_batch = 1,
            ..change(
                "the second batch refused",
                crew(3),
                vec![],
                except([answer_to("u2", PATCH, 500, ""), answer(PUT, 500, "")]),
            )
        },
    ]
}

fn push_now() -> Vec<Situation> {
    let push_now = |name, script| pushed(name, GroupEvent::PushNow(vec![ada(), bob()]), script);
    vec![
        push_now("two members", accepting()),
        pushed("nobody", GroupEvent::PushNow(vec![]), accepting()),
        Situation { app: |app| app.rename_groups = false, ..push_now("Rename app groups off", accepting()) },
        Situation {
            app: |app| app.group_batch = 2,
            ..pushed("five members by two", GroupEvent::PushNow(crew(5)), accepting())
        },
        Situation { app: |app| app.members_form = MembersForm::Pathless, ..push_now("path-less", accepting()) },
        Situation {
            app: |app| app.members_form = MembersForm::PathlessWithName,
            ..pushed("path-less with the name, nobody", GroupEvent::PushNow(vec![]), accepting())
        },
        Situation { mapping: failed, ..push_now("after an error", accepting()) },
        Situation { mapping: never_created, ..push_now("after a failed create", accepting()) },
        Situation { mapping: inactive, ..push_now("push deactivated", accepting()) },
        push_now("refused", except([answer_to("members", PATCH, 501, ERROR_501), answer(PUT, 501, ERROR_501)])),
    ]
}

fn activation() -> Vec<Situation> {
    let activate = |name, script| Situation {
        mapping: inactive,
        ..pushed(name, GroupEvent::ActivatePush(vec![ada(), bob()]), script)
    };
    vec![
        pushed("deactivate", GroupEvent::DeactivatePush, vec![]),
        Situation { mapping: failed, ..pushed("deactivate after an error", GroupEvent::DeactivatePush, vec![]) },
        activate("activate", accepting()),
        Situation { app: |app| app.rename_groups = false, ..activate("activate, Rename app groups off", accepting()) },
        activate("activate, group gone", vec![answer(PATCH, 404, ERROR_404), answer(READ, 404, ERROR_404)]),
    ]
}

fn unlink() -> Vec<Situation> {
    let delete = || GroupEvent::Unlink { delete: true };
    let deletion = |name, status, body| pushed(name, delete(), vec![answer(DELETE, status, body)]);
    vec![
        pushed("leave", GroupEvent::Unlink { delete: false }, vec![]),
        deletion("delete", 204, ""),
        Situation { mapping: inactive, ..deletion("delete, push deactivated", 204, "") },
        Situation { mapping: failed, ..deletion("delete after an error", 200, "{}") },
        unpushed("delete a group never pushed", delete(), vec![]),
        deletion("delete, group gone", 404, ERROR_404),
        deletion("delete refused", 501, "Not supported"),
    ]
}

fn transcript(kind: AppKind, situations: Vec<Situation>) -> String {
    let blocks: Vec<String> = situations.iter().map(|situation| block(kind, situation)).collect();
    blocks.join("\n")
}

fn block(kind: AppKind, situation: &Situation) -> String {
    let mut app = App::new(kind);
    (situation.app)(&mut app);
    let mut mapping = Mapping::new(Group::new("00g1emaKYZTWRYYRRTSK", "Crew"));
    (situation.mapping)(&mut mapping);

    let mut text = format!("### {}\n", situation.name);
    let (mut flow, mut step) = GroupFlow::start(&app, &mapping, &situation.event);
    let outcome = loop {
        match step {
            Step::Send(request) => {
                let response = respond(situation, &request);
                write_exchange(&mut text, &request, &response);
                step = flow.next(response);
            }
            Step::Wait(_) => step = flow.resume(),
            Step::Done(outcome) => break outcome,
        }
    };
    write_end(&mut text, &outcome, &flow);
    text
}

fn respond(situation: &Situation, request: &Request) -> Response {
    let sent = request.body.as_deref().unwrap_or_default();
    let fits = |answer: &&Answer| {
        answer.method == request.method && request.target.starts_with(answer.target) && sent.contains(answer.sent)
    };
    let answer = situation
        .script
        .iter()
        .find(fits)
        .unwrap_or_else(|| panic!("{}: no answer to {} {}", situation.name, request.method, request.target));
    Response::new(answer.status, reason(answer.status), answer.body)
}

fn write_exchange(text: &mut String, request: &Request, response: &Response) {
    let mut line = |sign: char, line: &str| writeln!(text, "{sign} {line}").expect("a String takes everything");
    line('>', &format!("{} {}", request.method, request.target));
    for (name, value) in &request.headers {
        line('>', &format!("{name}: {value}"));
    }
    if let Some(body) = &request.body {
        line('>', body);
    }
    line('<', format!("{} {}", response.status, String::from_utf8_lossy(&response.body)).trim_end());
}

fn write_end(text: &mut String, outcome: &Outcome, flow: &GroupFlow) {
    let mut line = |line: String| writeln!(text, "= {line}").expect("a String takes everything");
    match outcome {
        Outcome::Done { message } => line(format!("done: {message}")),
        Outcome::Task { message } => line(format!("task: {message}")),
    }
    if let Some(reason) = flow.reason() {
        line(format!("reason: {reason}"));
    }
    let mapping = flow.mapping();
    let link = mapping.remote_id.as_deref().unwrap_or("none");
    let pushed: Vec<&str> = mapping.pushed.iter().map(|member| member.remote_id.as_str()).collect();
    line(format!(
        "status: {:?}, link: {link}, name: {}, pushed: [{}]",
        mapping.status,
        mapping.target_name,
        pushed.join(" ")
    ));
}

#[test]
fn every_group_flow_is_as_its_transcript_says() {
    let mut differences = String::new();
    for kind in AppKind::ALL {
        for (name, situations) in [
            ("push", push()),
            ("link", link_group()),
            ("rename", rename()),
            ("members", members()),
            ("push-now", push_now()),
            ("activation", activation()),
            ("unlink", unlink()),
        ] {
            differences += &compare(&format!("group-{kind}-{name}.http"), &transcript(kind, situations));
        }
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
    similar::TextDiff::from_lines(expected.as_str(), actual).unified_diff().header(file, "this run").to_string()
}
