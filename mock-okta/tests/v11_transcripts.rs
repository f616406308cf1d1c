//! Golden transcripts of SCIM 1.1: every event of every kind of app against scripted answers.
//!
//! `BLESS=1 cargo test -p mock-okta --test v11_transcripts` rewrites `tests/transcripts/v11-*.http`.

use std::fmt::Write as _;
use std::path::Path;

use mock_okta::{
    App, AppKind, AppUser, AppUserStatus, Attribute, Event, Flow, Group, GroupEvent, GroupFlow, Mapping, MappingStatus,
    Member, Outcome, Profile, Request, Response, ScimVersion, Step,
};

/// One block of a transcript: what the administrator set up, what happens, how the server answers.
struct Situation {
    name: &'static str,
    happening: Happening,
    app: fn(&mut App),
    script: Vec<Answer>,
}

enum Happening {
    /// To Ada, who is linked already or not.
    User { event: Event, linked: bool, set_up: fn(&mut AppUser) },
    /// To the group Crew, which is linked already or not.
    Group { event: GroupEvent, linked: bool, description: Option<&'static str> },
}

/// The first answer whose method and target fit a request is given. [`ECHO`] for a body returns the
/// request's.
struct Answer {
    method: &'static str,
    target: &'static str,
    status: u16,
    reason: &'static str,
    body: &'static str,
}

const LOOKUP: (&str, &str) = ("GET", "/Users?filter=");
const READ: (&str, &str) = ("GET", "/Users/2819c223");
const CREATE: (&str, &str) = ("POST", "/Users");
const PUT: (&str, &str) = ("PUT", "/Users/2819c223");
const PATCH: (&str, &str) = ("PATCH", "/Users/2819c223");
const PROBE_USERS: (&str, &str) = ("GET", "/Users?startIndex");
const PROBE_GROUPS: (&str, &str) = ("GET", "/Groups?startIndex");
const GROUP_LOOKUP: (&str, &str) = ("GET", "/Groups?filter=");
const GROUP_CREATE: (&str, &str) = ("POST", "/Groups");
const GROUP_READ: (&str, &str) = ("GET", "/Groups/74094a55");
const GROUP_PUT: (&str, &str) = ("PUT", "/Groups/74094a55");
const GROUP_PATCH: (&str, &str) = ("PATCH", "/Groups/74094a55");
const GROUP_DELETE: (&str, &str) = ("DELETE", "/Groups/74094a55");

const ECHO: &str = "echo";

const NOBODY: &str =
    r#"{"schemas":["urn:scim:schemas:core:1.0"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#;
const ACTIVE: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"2819c223","userName":"ADA@example.test","active":true}]}"#;
const INACTIVE: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"2819c223","userName":"ada@example.test","active":false}]}"#;
const USER: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"2819c223","userName":"ada@example.test","externalId":"00b443dd40SOK2eup0h7","name":{"givenName":"Ada","familyName":"King"},"displayName":"Ada King","locale":"en_GB","nickName":"Countess","active":true,"emails":[{"primary":true,"value":"old@example.test","type":"work"}],"groups":[],"meta":{"created":"2019-10-18T06:50:23+00:00","version":"a7fc04c6"}}"#;
const CREATED: &str =
    r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"2819c223","userName":"ada@example.test","active":true}"#;
const ERROR_401: &str = r#"{"Errors":[{"description":"The token is not known.","code":401}]}"#;
const ERROR_404: &str = r#"{"Errors":[{"description":"User not found","code":"404"}],"detail":"User not found"}"#;
const ERROR_409: &str = r#"{"Errors":[{"description":"User already exists in the database.","code":409}]}"#;
const ERROR_501: &str = r#"{"Errors":[{"description":"Not supported.","code":501}]}"#;
const GROUP: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"74094a55","displayName":"Crew","members":[{"value":"2819c223","display":"ada@example.test"},{"value":"stranger","display":"eve@example.test"}],"meta":{"version":"12ba4e7e"}}"#;
const GROUP_FOUND: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"74094a55","displayName":"Crew"}]}"#;

fn answer((method, target): (&'static str, &'static str), status: u16, body: &'static str) -> Answer {
    let reason = match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        401 => "Unauthorized",
        404 => "Not Found",
        409 => "Conflict",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        _ => "",
    };
    Answer { method, target, status, reason, body }
}

fn user(name: &'static str, event: Event, script: Vec<Answer>) -> Situation {
    Situation { name, happening: Happening::User { event, linked: false, set_up: |_| () }, app: |_| (), script }
}

/// A situation whose user was pushed before.
fn linked(name: &'static str, event: Event, script: Vec<Answer>) -> Situation {
    Situation { name, happening: Happening::User { event, linked: true, set_up: |_| () }, app: |_| (), script }
}

/// A server that holds the user, takes every change, and answers the lookup as told.
fn accepting(lookup: Answer) -> Vec<Answer> {
    vec![lookup, answer(READ, 200, USER), answer(PUT, 200, ECHO), answer(PATCH, 200, USER)]
}

fn connect() -> Vec<Situation> {
    let connect = |name, script| user(name, Event::Connect, script);
    vec![
        connect("no users yet", vec![answer(PROBE_USERS, 200, NOBODY), answer(PROBE_GROUPS, 200, NOBODY)]),
        connect("groups not implemented", vec![answer(PROBE_USERS, 200, ACTIVE), answer(PROBE_GROUPS, 501, ERROR_501)]),
        connect("wrong credentials", vec![answer(PROBE_USERS, 401, ERROR_401)]),
        connect(
            "no Resources",
            vec![answer(PROBE_USERS, 200, r#"{"totalResults":0,"startIndex":1,"itemsPerPage":0}"#)],
        ),
    ]
}

fn assign() -> Vec<Situation> {
    let created =
        |name, status, body| user(name, Event::Assign, vec![answer(LOOKUP, 200, NOBODY), answer(CREATE, status, body)]);
    let existing = |name, body| user(name, Event::Assign, accepting(answer(LOOKUP, 200, body)));
    let with_attributes = |app: &mut App| {
        for key in ["title", "department"] {
            app.map(Attribute::standard(key).expect("a standard attribute"));
        }
    };
    let attributes = |event| Happening::User {
        event,
        linked: false,
        set_up: |ada| {
            ada.profile.add("title", "Enchantress of Number");
            ada.profile.add("department", "Analysis");
        },
    };
    vec![
        created("unknown user", 201, CREATED),
        user(
            "unknown user, answered with 404",
            Event::Assign,
            vec![answer(LOOKUP, 404, ERROR_404), answer(CREATE, 201, CREATED)],
        ),
        Situation {
            app: with_attributes,
            happening: attributes(Event::Assign),
            ..created("unknown user with an extension", 201, CREATED)
        },
        existing("existing active user", ACTIVE),
        existing("existing inactive user", INACTIVE),
        Situation {
            app: with_attributes,
            happening: attributes(Event::Assign),
            ..existing("existing user with an extension", ACTIVE)
        },
        Situation { app: |app| app.push.update = false, ..existing("existing active user, Update off", ACTIVE) },
        Situation { app: |app| app.push.update = false, ..existing("existing inactive user, Update off", INACTIVE) },
        Situation {
            app: |app| app.push.deactivate = false,
            ..existing("existing active user, Deactivate off", ACTIVE)
        },
        Situation {
            app: |app| app.push.deactivate = false,
            ..existing("existing inactive user, Deactivate off", INACTIVE)
        },
        created("409 on create", 409, ERROR_409),
        created("409 on create with an error of SCIM 2.0", 409, r#"{"detail":"User already exists.","status":"409"}"#),
        created("409 on create without a description", 409, r#"{"Errors":[{"code":409}]}"#),
        created("409 on create in plain text", 409, "User already exists"),
        created("a user without schemas", 201, r#"{"id":"2819c223"}"#),
        user("401 on lookup", Event::Assign, vec![answer(LOOKUP, 401, ERROR_401)]),
        user(
            "existing user, PUT refused",
            Event::Assign,
            vec![answer(LOOKUP, 200, ACTIVE), answer(PUT, 409, ERROR_409)],
        ),
    ]
}

fn update() -> Vec<Situation> {
    let rename = || Event::Update(vec![("firstName".to_owned(), "Augusta".to_owned())]);
    vec![
        linked("first name", rename(), accepting(answer(LOOKUP, 200, ACTIVE))),
        Situation {
            app: |app| app.patch_profile = true,
            ..linked("PATCH for profiles", rename(), accepting(answer(LOOKUP, 200, ACTIVE)))
        },
        linked("404 on reading", rename(), vec![answer(READ, 404, ERROR_404)]),
        linked("409 on PUT", rename(), vec![answer(READ, 200, USER), answer(PUT, 409, ERROR_409)]),
    ]
}

fn deactivate(event: &Event) -> Vec<Situation> {
    let deactivate = |name, script| linked(name, event.clone(), script);
    vec![
        deactivate("active user", accepting(answer(LOOKUP, 200, ACTIVE))),
        Situation {
            app: |app| app.read_before_patch = true,
            ..deactivate("GET before PATCH", accepting(answer(LOOKUP, 200, ACTIVE)))
        },
        Situation { app: |app| app.push.deactivate = false, ..deactivate("Deactivate off", vec![]) },
        deactivate(
            "refused",
            vec![answer(PATCH, 501, ERROR_501), answer(READ, 200, USER), answer(PUT, 501, ERROR_501)],
        ),
    ]
}

fn reactivate() -> Vec<Situation> {
    vec![
        linked("inactive user", Event::Reactivate, accepting(answer(LOOKUP, 200, INACTIVE))),
        linked("a user the server kept active", Event::Reactivate, accepting(answer(LOOKUP, 200, ACTIVE))),
        linked(
            "a user the server hides",
            Event::Reactivate,
            vec![answer(LOOKUP, 200, NOBODY), answer(CREATE, 409, ERROR_409)],
        ),
        linked(
            "refused",
            Event::Reactivate,
            vec![answer(LOOKUP, 200, INACTIVE), answer(PATCH, 501, ERROR_501), answer(PUT, 501, ERROR_501)],
        ),
    ]
}

fn password() -> Vec<Situation> {
    let sync = |name, script| Situation {
        app: |app| app.push.password = true,
        ..linked(name, Event::SyncPassword("Enchanted1".to_owned()), script)
    };
    vec![
        sync("accepted", accepting(answer(LOOKUP, 200, ACTIVE))),
        sync("refused", vec![answer(PATCH, 501, ERROR_501), answer(READ, 200, USER), answer(PUT, 501, ERROR_501)]),
    ]
}

fn silent() -> Vec<Situation> {
    [("suspend", Event::Suspend), ("unsuspend", Event::Unsuspend), ("delete", Event::Delete)]
        .into_iter()
        .map(|(name, event)| linked(name, event, vec![]))
        .collect()
}

fn ada() -> Member {
    Member::new("2819c223", "ada@example.test")
}

fn bob() -> Member {
    Member::new("b4327d81", "bob@example.test")
}

fn group(name: &'static str, event: GroupEvent, linked: bool, script: Vec<Answer>) -> Situation {
    Situation { name, happening: Happening::Group { event, linked, description: None }, app: |_| (), script }
}

/// A server that holds the group and takes every change.
fn taking() -> Vec<Answer> {
    vec![
        answer(GROUP_LOOKUP, 200, GROUP_FOUND),
        answer(GROUP_CREATE, 201, GROUP),
        answer(GROUP_READ, 200, GROUP),
        answer(GROUP_PUT, 200, ECHO),
        answer(GROUP_PATCH, 204, ""),
        answer(GROUP_DELETE, 204, ""),
    ]
}

fn groups() -> Vec<Situation> {
    let described = |event| Happening::Group { event, linked: false, description: Some("All hands") };
    let refusing = |status, body| vec![answer(GROUP_READ, status, body), answer(GROUP_PATCH, status, body)];
    vec![
        group("push of a group without members", GroupEvent::Push(vec![]), false, taking()),
        group("push", GroupEvent::Push(vec![ada(), bob()]), false, taking()),
        Situation {
            happening: described(GroupEvent::Push(vec![ada()])),
            ..group("push of a group with a description", GroupEvent::Push(vec![]), false, taking())
        },
        group("push refused", GroupEvent::Push(vec![ada()]), false, vec![answer(GROUP_CREATE, 409, ERROR_409)]),
        group("link", GroupEvent::Link(vec![ada()]), false, taking()),
        group("rename", GroupEvent::Rename("Bridge".to_owned()), true, taking()),
        group(
            "one comes, one goes",
            GroupEvent::ChangeMembers { add: vec![bob()], remove: vec![ada()] },
            true,
            taking(),
        ),
        Situation {
            app: |app| app.rename_groups = false,
            ..group(
                "one goes, no renaming",
                GroupEvent::ChangeMembers { add: vec![], remove: vec![ada()] },
                true,
                taking(),
            )
        },
        Situation {
            app: |app| app.group_batch = 1,
            ..group("push now in batches of one", GroupEvent::PushNow(vec![ada(), bob()]), true, taking())
        },
        group("push now of an emptied group", GroupEvent::PushNow(vec![]), true, taking()),
        group("members refused", GroupEvent::PushNow(vec![ada()]), true, refusing(404, ERROR_404)),
        group("unlink and leave", GroupEvent::Unlink { delete: false }, true, vec![]),
        group("unlink and delete", GroupEvent::Unlink { delete: true }, true, taking()),
    ]
}

fn app(kind: AppKind, situation: &Situation) -> App {
    let mut app = App { version: ScimVersion::V1_1, ..App::new(kind) };
    (situation.app)(&mut app);
    app
}

/// Ada, with the locale as the protocol reference's samples have it.
fn app_user(linked: bool, set_up: fn(&mut AppUser)) -> AppUser {
    let mut profile = Profile::new("ada@example.test", "Ada", "Byron");
    profile.locale = "en_US".to_owned();
    let mut user = AppUser::new("00b443dd40SOK2eup0h7", profile, "1mz050nq");
    if linked {
        user.remote_id = Some("2819c223".to_owned());
        user.status = AppUserStatus::Provisioned;
    }
    set_up(&mut user);
    user
}

fn mapping(linked: bool, description: Option<&str>) -> Mapping {
    let mut mapping = Mapping::new(Group { description: description.map(str::to_owned), ..Group::new("00g", "Crew") });
    if linked {
        mapping.remote_id = Some("74094a55".to_owned());
        mapping.pushed = vec![ada()];
        mapping.status = MappingStatus::Active;
    }
    mapping
}

/// A flow of either kind.
enum Running {
    User(Box<Flow>),
    Group(Box<GroupFlow>),
}

impl Running {
    fn start(kind: AppKind, situation: &Situation) -> (Running, Step) {
        let app = app(kind, situation);
        match &situation.happening {
            Happening::User { event, linked, set_up } => {
                let (flow, step) = Flow::start(&app, &app_user(*linked, *set_up), event);
                (Running::User(Box::new(flow)), step)
            }
            Happening::Group { event, linked, description } => {
                let (flow, step) = GroupFlow::start(&app, &mapping(*linked, *description), event);
                (Running::Group(Box::new(flow)), step)
            }
        }
    }

    fn next(&mut self, response: Response) -> Step {
        match self {
            Running::User(flow) => flow.next(response),
            Running::Group(flow) => flow.next(response),
        }
    }

    fn state(&self) -> String {
        let (reason, status, link) = match self {
            Running::User(flow) => (flow.reason(), format!("{:?}", flow.user().status), &flow.user().remote_id),
            Running::Group(flow) => (flow.reason(), format!("{:?}", flow.mapping().status), &flow.mapping().remote_id),
        };
        let reason = reason.map(|reason| format!("= reason: {reason}\n")).unwrap_or_default();
        format!("{reason}= status: {status}, link: {}\n", link.as_deref().unwrap_or("none"))
    }
}

fn block(kind: AppKind, situation: &Situation) -> String {
    let mut text = format!("### {}\n", situation.name);
    let (mut flow, mut step) = Running::start(kind, situation);
    let outcome = loop {
        match step {
            Step::Send(request) => {
                let response = respond(situation, &request);
                write_exchange(&mut text, &request, &response);
                step = flow.next(response);
            }
            Step::Wait(_) => panic!("{}: nothing is put off here", situation.name),
            Step::Done(outcome) => break outcome,
        }
    };
    match outcome {
        Outcome::Done { message } => writeln!(text, "= done: {message}"),
        Outcome::Task { message } => writeln!(text, "= task: {message}"),
    }
    .expect("a String takes everything");
    text + &flow.state()
}

fn respond(situation: &Situation, request: &Request) -> Response {
    let answer = situation
        .script
        .iter()
        .find(|answer| answer.method == request.method && request.target.starts_with(answer.target))
        .unwrap_or_else(|| panic!("{}: no answer to {} {}", situation.name, request.method, request.target));
    let body = match answer.body {
        ECHO => request.body.as_deref().unwrap_or_default(),
        body => body,
    };
    Response::new(answer.status, answer.reason, body)
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

#[test]
fn every_flow_of_scim_1_1_is_as_its_transcript_says() {
    let mut differences = String::new();
    for kind in [AppKind::Catalog, AppKind::Aiw] {
        for (name, situations) in [
            ("connect", connect()),
            ("assign", assign()),
            ("update", update()),
            ("deactivate", deactivate(&Event::Deactivate)),
            ("unassign", deactivate(&Event::Unassign)),
            ("reactivate", reactivate()),
            ("password", password()),
            ("silent", silent()),
            ("groups", groups()),
        ] {
            let blocks: Vec<String> = situations.iter().map(|situation| block(kind, situation)).collect();
            differences += &compare(&format!("v11-{kind}-{name}.http"), &blocks.join("\n"));
        }
    }
    assert!(differences.is_empty(), "BLESS=1 rewrites the transcripts\n{differences}");
}

#[test]
fn nothing_of_scim_2_0_is_sent() {
    for kind in [AppKind::Catalog, AppKind::Aiw] {
        let situations = [connect(), assign(), update(), deactivate(&Event::Deactivate), reactivate(), groups()];
        for situation in situations.into_iter().flatten() {
            for line in block(kind, &situation).lines().filter(|line| line.starts_with('>')) {
                for foreign in ["scim+json", "ietf", "Operations"] {
                    assert!(!line.contains(foreign), "{kind}, {}: {line}", situation.name);
                }
            }
        }
    }
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
