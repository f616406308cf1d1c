//! Golden transcripts: every flow of every kind of app against scripted answers.
//!
//! `BLESS=1 cargo test -p mock-okta --test transcripts` rewrites the files under `tests/transcripts`.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use mock_okta::{
    App, AppKind, AppUser, AppUserStatus, Attribute, Empties, Event, Flow, Grant, Outcome, Profile, Request, Response,
    Step,
};

/// One block of a transcript: what the administrator set up, what happens, how the server answers.
struct Situation {
    name: &'static str,
    event: Event,
    app: fn(&mut App),
    user: fn(&mut AppUser),
    /// Whether the server holds the user as active at first; it follows what it is sent.
    active: bool,
    script: Vec<Answer>,
}

/// The first answer whose method and target fit a request is given, as often as it may be. [`ECHO`] for a
/// body returns the request's.
struct Answer {
    method: &'static str,
    target: &'static str,
    status: u16,
    reason: &'static str,
    body: &'static str,
    retry_after: Option<&'static str>,
    times: usize,
}

const LOOKUP: (&str, &str) = ("GET", "/Users?filter=");
const READ: (&str, &str) = ("GET", "/Users/2819c223");
const CREATE: (&str, &str) = ("POST", "/Users");
const PUT: (&str, &str) = ("PUT", "/Users/2819c223");
const PATCH: (&str, &str) = ("PATCH", "/Users/2819c223");
const DELETE: (&str, &str) = ("DELETE", "/Users/2819c223");
const PROBE_USERS: (&str, &str) = ("GET", "/Users?startIndex");
const PROBE_GROUPS: (&str, &str) = ("GET", "/Groups?startIndex");

const ECHO: &str = "echo";

const NOBODY: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#;
const ACTIVE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"2819c223","userName":"ADA@example.test","active":true}]}"#;
const INACTIVE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"2819c223","userName":"ada@example.test","active":false}]}"#;
const STRING_COUNTER: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":"1","itemsPerPage":0,"Resources":[]}"#;
const STRANGER: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"666","userName":"bob@example.test","active":true}]}"#;
const USER: &str = r#"{"id":"2819c223","meta":{"resourceType":"User","version":"W/\"1\""},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"active":true,"userName":"ada@example.test","nickName":"Countess","name":{"formatted":"Ada King","familyName":"King","givenName":"Ada"},"emails":[{"value":"old@example.test","type":"work","primary":true,"display":"old"}],"groups":[]}"#;
const ATTRIBUTES: &str = r#"{"id":"2819c223","schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"active":true,"userName":"ada@example.test","title":"Lady","phoneNumbers":[{"value":"1","type":"work","primary":true},{"value":"2","type":"mobile"}],"roles":[{"type":"Secondary","value":"guest"},{"type":"Primary","value":"user"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Old","costCenter":"1","manager":{"value":"9"}}}"#;
const CREATED: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2819c223","userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Byron"},"active":true}"#;
const ERROR_401: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"The token is not known.","status":"401"}"#;
const ERROR_404: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"User not found","status":404}"#;
const ERROR_409: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"User already exists in the database.","status":409}"#;
const ERROR_429: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"Slow down.","status":"429"}"#;
const ERROR_501: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"PATCH is not supported.","status":"501"}"#;

fn answer((method, target): (&'static str, &'static str), status: u16, body: &'static str) -> Answer {
    let reason = match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        401 => "Unauthorized",
        404 => "Not Found",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        _ => "",
    };
    Answer { method, target, status, reason, body, retry_after: None, times: usize::MAX }
}

/// An answer that puts Okta off, so many times.
fn busy(request: (&'static str, &'static str), times: usize, retry_after: Option<&'static str>) -> Answer {
    Answer { retry_after, times, ..answer(request, 429, ERROR_429) }
}

fn situation(name: &'static str, event: Event, script: Vec<Answer>) -> Situation {
    Situation { name, event, app: |_| (), user: |_| (), active: true, script }
}

/// A situation whose user was pushed before.
fn linked(name: &'static str, event: Event, script: Vec<Answer>) -> Situation {
    let pushed = |user: &mut AppUser| {
        user.remote_id = Some("2819c223".to_owned());
        user.status = AppUserStatus::Provisioned;
    };
    Situation { user: pushed, ..situation(name, event, script) }
}

/// A server that holds the user, takes every change, and answers the lookup as told.
fn accepting(lookup: Answer) -> Vec<Answer> {
    vec![lookup, answer(READ, 200, USER), answer(PUT, 200, ECHO), answer(PATCH, 204, "")]
}

fn connect() -> Vec<Situation> {
    let connect = |name, script| situation(name, Event::Connect, script);
    let users = |name, status, body| connect(name, vec![answer(PROBE_USERS, status, body)]);
    vec![
        connect("no users yet", vec![answer(PROBE_USERS, 200, NOBODY), answer(PROBE_GROUPS, 200, NOBODY)]),
        connect("groups not implemented", vec![answer(PROBE_USERS, 200, ACTIVE), answer(PROBE_GROUPS, 501, ERROR_501)]),
        Situation {
            app: |app| app.probe_groups = false,
            ..connect("without asking for groups", vec![answer(PROBE_USERS, 200, NOBODY)])
        },
        users("wrong credentials", 401, ERROR_401),
        users("an empty body", 200, ""),
        users("null", 200, "null"),
        users("a bare array", 200, "[]"),
        users("a web page", 200, "<!doctype html>"),
        users("no Resources", 200, r#"{"totalResults":0,"startIndex":1,"itemsPerPage":0}"#),
        users("a textual counter", 200, STRING_COUNTER),
    ]
}

fn assign() -> Vec<Situation> {
    let found = |name, lookup| situation(name, Event::Assign, vec![lookup]);
    let created = |name, status, body| {
        situation(name, Event::Assign, vec![answer(LOOKUP, 200, NOBODY), answer(CREATE, status, body)])
    };
    let existing = |name, body| Situation {
        active: body == ACTIVE,
        ..situation(name, Event::Assign, accepting(answer(LOOKUP, 200, body)))
    };
    vec![
        created("unknown user", 201, CREATED),
        situation(
            "unknown user, answered with 404",
            Event::Assign,
            vec![answer(LOOKUP, 404, ERROR_404), answer(CREATE, 201, CREATED)],
        ),
        existing("existing active user", ACTIVE),
        existing("existing inactive user", INACTIVE),
        Situation { app: |app| app.push.update = false, ..existing("existing user, Update off", ACTIVE) },
        Situation {
            app: |app| app.push.deactivate = false,
            ..existing("existing active user, Deactivate off", ACTIVE)
        },
        Situation {
            app: |app| app.push.deactivate = false,
            ..existing("existing inactive user, Deactivate off", INACTIVE)
        },
        Situation { app: |app| app.read_before_patch = true, ..existing("existing user, GET before PATCH", ACTIVE) },
        Situation { app: |app| app.patch_profile = true, ..existing("existing user, PATCH for profiles", ACTIVE) },
        Situation {
            app: |app| app.push.create = false,
            ..found("unknown user, Create off", answer(LOOKUP, 200, NOBODY))
        },
        Situation {
            user: |user| {
                user.profile.login = r#"o'neill "q" \+ü"#.to_owned();
                user.profile.display_name = r#"Quote " and \"#.to_owned();
            },
            ..created("a name that needs escaping", 201, CREATED)
        },
        created("409 on create", 409, ERROR_409),
        created("409 on create in plain text", 409, "User already exists"),
        created("an empty body on create", 201, ""),
        created("a user without schemas", 201, r#"{"id":"2819c223"}"#),
        created("a user without id", 201, r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}"#),
        created("a web page on create", 201, "<!doctype html>"),
        found("401 on lookup", answer(LOOKUP, 401, ERROR_401)),
        found("500 on lookup without a body", answer(LOOKUP, 500, "")),
        found("a textual counter", answer(LOOKUP, 200, STRING_COUNTER)),
        found("no Resources", answer(LOOKUP, 200, r#"{"totalResults":0,"startIndex":1,"itemsPerPage":0}"#)),
        found("a web page on lookup", answer(LOOKUP, 200, "<!doctype html>")),
        found("null on lookup", answer(LOOKUP, 200, "null")),
        found("somebody else", answer(LOOKUP, 200, STRANGER)),
        situation(
            "existing user, changes refused",
            Event::Assign,
            vec![
                answer(LOOKUP, 200, ACTIVE),
                answer(READ, 200, USER),
                answer(PUT, 409, ERROR_409),
                answer(PATCH, 409, ERROR_409),
            ],
        ),
        situation(
            "existing user, PUT refused",
            Event::Assign,
            vec![
                answer(LOOKUP, 200, ACTIVE),
                answer(READ, 200, USER),
                answer(PUT, 409, ERROR_409),
                answer(PATCH, 204, ""),
            ],
        ),
    ]
}

fn update() -> Vec<Situation> {
    let rename = || Event::Update(vec![("firstName".to_owned(), "Augusta".to_owned())]);
    let refused = |name, read| linked(name, rename(), vec![read]);
    vec![
        linked("first name", rename(), accepting(answer(LOOKUP, 200, ACTIVE))),
        linked(
            "login",
            Event::Update(vec![("login".to_owned(), "augusta@example.test".to_owned())]),
            accepting(answer(LOOKUP, 200, ACTIVE)),
        ),
        Situation {
            app: |app| app.patch_profile = true,
            ..linked("PATCH for profiles", rename(), accepting(answer(LOOKUP, 200, ACTIVE)))
        },
        Situation { app: |app| app.push.update = false, ..linked("Update off", rename(), vec![]) },
        situation("a user never pushed", rename(), vec![]),
        refused("404 on reading", answer(READ, 404, ERROR_404)),
        refused("a web page on reading", answer(READ, 200, "<!doctype html>")),
        refused("an array on reading", answer(READ, 200, "[]")),
        linked("409 on PUT", rename(), vec![answer(READ, 200, USER), answer(PUT, 409, ERROR_409)]),
        linked("a key Okta does not have", Event::Update(vec![("shoeSize".to_owned(), "38".to_owned())]), vec![]),
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
        deactivate("user gone", vec![answer(PATCH, 404, ERROR_404), answer(READ, 404, ERROR_404)]),
        situation("a user never pushed", event.clone(), vec![]),
    ]
}

fn reactivate() -> Vec<Situation> {
    vec![
        Situation {
            active: false,
            ..linked("inactive user", Event::Reactivate, accepting(answer(LOOKUP, 200, INACTIVE)))
        },
        linked(
            "a user the server hides",
            Event::Reactivate,
            vec![answer(LOOKUP, 200, NOBODY), answer(CREATE, 409, ERROR_409)],
        ),
    ]
}

fn silent() -> Vec<Situation> {
    [("suspend", Event::Suspend), ("unsuspend", Event::Unsuspend), ("delete", Event::Delete)]
        .into_iter()
        .map(|(name, event)| linked(name, event, vec![]))
        .collect()
}

fn password() -> Vec<Situation> {
    let sync = |name, script| Situation {
        app: |app| app.push.password = true,
        ..linked(name, Event::SyncPassword("c0rrect horse".to_owned()), script)
    };
    vec![
        sync("a synchronized password", accepting(answer(LOOKUP, 200, ACTIVE))),
        Situation { app: |app| app.push.password = false, ..sync("Sync Password off", vec![]) },
        Situation { user: |_| (), ..sync("a user never pushed", vec![]) },
        sync("refused", vec![answer(PATCH, 501, ERROR_501), answer(READ, 200, USER), answer(PUT, 409, ERROR_409)]),
    ]
}

fn force_sync() -> Vec<Situation> {
    let force = |name, script| linked(name, Event::ForceSync, script);
    vec![
        force("everything is pushed again", accepting(answer(LOOKUP, 200, ACTIVE))),
        Situation { app: |app| app.push.update = false, ..force("Update off", vec![]) },
        Situation {
            app: |app| app.exclude_username_updates = true,
            user: |user| {
                user.remote_id = Some("2819c223".to_owned());
                user.profile.login = "augusta@example.test".to_owned();
            },
            ..force("user names are excluded", accepting(answer(LOOKUP, 200, ACTIVE)))
        },
    ]
}

/// Attributes of every shape: core, enterprise, custom, selected, listed, numeric, and one without a home.
fn with_attributes(app: &mut App) {
    const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    let attribute = |key, name, namespace| Attribute::new(key, name, namespace).expect("an external name");
    let standard = ["title", "primaryPhone", "mobilePhone", "department", "managerId"].map(Attribute::standard);
    let custom = [
        attribute("role", "roles.^[type=='Primary'].value", CORE),
        attribute("scopes", "scopes", CORE).with_type(mock_okta::AttributeType::Array),
        attribute("seats", "seats", "urn:okta:rehearsal:1.0:user:custom").with_type(mock_okta::AttributeType::Number),
        attribute("homeless", "homeless", ""),
    ];
    standard.into_iter().flatten().chain(custom).for_each(|attribute| app.map(attribute));
}

fn fill(user: &mut AppUser) {
    for (key, value) in [
        ("title", "Countess"),
        ("primaryPhone", "+44 1"),
        ("mobilePhone", "+44 2"),
        ("department", "Engines"),
        ("managerId", "26118915"),
        ("role", "admin"),
        ("scopes", r#"["read","write"]"#),
        ("seats", "3"),
        ("homeless", "never sent"),
    ] {
        user.profile.add(key, value);
    }
}

fn erase(user: &mut AppUser) {
    user.remote_id = Some("2819c223".to_owned());
    for key in ["title", "mobilePhone", "department", "managerId", "role", "scopes", "seats"] {
        user.profile.add(key, "");
    }
}

fn attributes() -> Vec<Situation> {
    let create = |name| Situation {
        app: with_attributes,
        user: fill,
        ..situation(name, Event::Assign, vec![answer(LOOKUP, 200, NOBODY), answer(CREATE, 201, CREATED)])
    };
    let push = |name, held| {
        linked(name, Event::ForceSync, vec![answer(READ, 200, held), answer(PUT, 200, ECHO), answer(PATCH, 204, "")])
    };
    let erased = |name, held, app| Situation { app, user: erase, ..push(name, held) };
    vec![
        create("create"),
        Situation { user: |_| (), ..create("create, without values") },
        Situation {
            app: with_attributes,
            user: |user| {
                user.remote_id = Some("2819c223".to_owned());
                fill(user);
            },
            ..push("push, held by the server", ATTRIBUTES)
        },
        Situation {
            app: with_attributes,
            user: |user| {
                user.remote_id = Some("2819c223".to_owned());
                fill(user);
            },
            ..push("push, unknown to the server", USER)
        },
        Situation {
            app: |app| {
                with_attributes(app);
                app.patch_profile = true;
            },
            user: |user| {
                user.remote_id = Some("2819c223".to_owned());
                fill(user);
            },
            ..push("push, PATCH for profiles", ATTRIBUTES)
        },
        erased("erased, empty text, held", ATTRIBUTES, with_attributes),
        erased("erased, empty text, unknown", USER, with_attributes),
        erased("erased, null, held", ATTRIBUTES, |app| {
            with_attributes(app);
            app.empties = Empties::Null;
        }),
        erased("erased, left out, held", ATTRIBUTES, |app| {
            with_attributes(app);
            app.empties = Empties::Omit;
        }),
        erased("erased, left out, unknown", USER, |app| {
            with_attributes(app);
            app.empties = Empties::Omit;
        }),
        Situation {
            app: |app| app.entitlements = true,
            user: |user| {
                let grant = |value: &str, kind: Option<&str>| Grant {
                    value: value.to_owned(),
                    display: Some(value.to_uppercase()),
                    kind: kind.map(str::to_owned),
                };
                user.roles = vec![grant("r1", None)];
                user.entitlements = vec![grant("l1", Some("License"))];
            },
            ..create("create with roles and entitlements")
        },
        Situation {
            app: with_attributes,
            ..linked(
                "an update of one",
                Event::Update(vec![("title".to_owned(), "Lady".to_owned())]),
                accepting(answer(READ, 200, USER)),
            )
        },
        linked("an update of one the app lacks", Event::Update(vec![("title".to_owned(), "Lady".to_owned())]), vec![]),
    ]
}

fn granular() -> Vec<Situation> {
    let unassign = |name, script| Situation {
        app: |app| app.granular_deprovisioning = Some(Duration::ZERO),
        ..linked(name, Event::Unassign, script)
    };
    let accepting =
        || vec![answer(READ, 200, USER), answer(PUT, 200, ECHO), answer(PATCH, 204, ""), answer(DELETE, 204, "")];
    vec![
        unassign("deleted at once", accepting()),
        Situation {
            app: |app| app.granular_deprovisioning = Some(Duration::from_secs(86_400)),
            ..unassign("deleted after a day", accepting())
        },
        Situation {
            app: |app| {
                app.granular_deprovisioning = Some(Duration::ZERO);
                app.push.deactivate = false;
            },
            ..unassign("Deactivate off", accepting())
        },
        unassign(
            "deletion refused",
            vec![
                answer(READ, 200, USER),
                answer(PUT, 200, ECHO),
                answer(PATCH, 204, ""),
                answer(DELETE, 501, ERROR_501),
            ],
        ),
        Situation { event: Event::Deactivate, ..unassign("a deactivation deletes nobody", accepting()) },
    ]
}

fn retries() -> Vec<Situation> {
    let created = |name, busy: Vec<Answer>| {
        let rest = [answer(LOOKUP, 200, NOBODY), answer(CREATE, 201, CREATED)];
        situation(name, Event::Assign, busy.into_iter().chain(rest).collect())
    };
    vec![
        created("twice on lookup, in seconds", vec![busy(LOOKUP, 2, Some("2"))]),
        created("on lookup and on create", vec![busy(LOOKUP, 2, Some("7")), busy(CREATE, 1, Some("1"))]),
        created("no Retry-After", vec![busy(CREATE, 2, None)]),
        created("a date", vec![busy(CREATE, 1, Some("Wed, 21 Oct 2015 07:28:00 GMT"))]),
        created("no whole number", vec![busy(CREATE, 1, Some("1.5"))]),
        created("ten times", vec![busy(CREATE, 10, Some("1"))]),
        Situation {
            app: |app| app.loses_create_answer = true,
            ..created(
                "the first answer is lost",
                vec![Answer { times: 1, ..answer(CREATE, 201, CREATED) }, answer(CREATE, 409, ERROR_409)],
            )
        },
        situation("the test of the credentials does not wait", Event::Connect, vec![busy(PROBE_USERS, 1, Some("1"))]),
    ]
}

fn transcript(kind: AppKind, situations: Vec<Situation>) -> String {
    let blocks: Vec<String> = situations.iter().map(|situation| block(kind, situation)).collect();
    blocks.join("\n")
}

fn block(kind: AppKind, situation: &Situation) -> String {
    let mut app = App::new(kind);
    (situation.app)(&mut app);
    let profile = Profile::new("ada@example.test", "Ada", "Byron");
    let mut user = AppUser::new("00ujl29u0le5T6Aj10h7", profile, "1mz050nq");
    (situation.user)(&mut user);

    let mut text = format!("### {}\n", situation.name);
    let mut active = situation.active;
    let mut given = vec![0; situation.script.len()];
    let (mut flow, mut step) = Flow::start(&app, &user, &situation.event);
    let outcome = loop {
        match step {
            Step::Send(request) => {
                let response = respond(situation, &mut given, &request, &mut active);
                write_exchange(&mut text, &request, &response);
                step = flow.next(response);
            }
            Step::Wait(time) => {
                writeln!(text, "~ {} s", time.as_secs()).expect("a String takes everything");
                step = flow.resume();
            }
            Step::Done(outcome) => break outcome,
        }
    };
    write_end(&mut text, &outcome, &flow);
    text
}

fn respond(situation: &Situation, given: &mut [usize], request: &Request, active: &mut bool) -> Response {
    let (answer, given) = situation
        .script
        .iter()
        .zip(given)
        .find(|(answer, given)| {
            answer.method == request.method && request.target.starts_with(answer.target) && **given < answer.times
        })
        .unwrap_or_else(|| panic!("{}: no answer to {} {}", situation.name, request.method, request.target));
    *given += 1;
    let sent = request.body.as_deref().unwrap_or_default();
    if answer.status < 300 && ["PUT", "PATCH"].contains(&request.method) {
        *active = !sent.contains(r#""active":false"#);
    }
    let body = match answer.body {
        ECHO => sent.to_owned(),
        USER if !*active => USER.replace(r#""active":true"#, r#""active":false"#),
        body => body.to_owned(),
    };
    Response { retry_after: answer.retry_after.map(str::to_owned), ..Response::new(answer.status, answer.reason, body) }
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

fn write_end(text: &mut String, outcome: &Outcome, flow: &Flow) {
    let mut line = |line: String| writeln!(text, "= {line}").expect("a String takes everything");
    match outcome {
        Outcome::Done { message } => line(format!("done: {message}")),
        Outcome::Task { message } => line(format!("task: {message}")),
    }
    if let Some(reason) = flow.reason() {
        line(format!("reason: {reason}"));
    }
    let link = flow.user().remote_id.as_deref().unwrap_or("none");
    line(format!("status: {:?}, link: {link}", flow.user().status));
}

#[test]
fn every_flow_is_as_its_transcript_says() {
    let mut differences = String::new();
    for kind in AppKind::ALL {
        for (name, situations) in [
            ("connect", connect()),
            ("assign", assign()),
            ("update", update()),
            ("deactivate", deactivate(&Event::Deactivate)),
            ("unassign", deactivate(&Event::Unassign)),
            ("reactivate", reactivate()),
            ("silent", silent()),
            ("password", password()),
            ("force-sync", force_sync()),
            ("attributes", attributes()),
            ("granular", granular()),
            ("retries", retries()),
        ] {
            differences += &compare(&format!("{kind}-{name}.http"), &transcript(kind, situations));
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
