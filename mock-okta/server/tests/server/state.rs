//! An org that is kept in a folder: what comes back after a stop, a crash and damage.

use std::fs;
use std::path::{Path, PathBuf};

use mock_okta_server::{Config, MockOrg, Provider, Seed, StartError, StateError, StoredOrg, stored_seed};
use scim_transport::{Credentials, Secret, Target};
use serde_json::{Value, json};

use super::client::{SCIM_TOKEN, Stage, TOKEN, person};

const FILE: &str = "org.log";

fn kept(folder: &Path) -> Config {
    Config { state: Some(folder.to_owned()), synchronous: true, ..Config::default() }
}

/// Starts an org again in front of the same specimen.
async fn again(stage: Stage, config: Config) -> Stage {
    let Stage { org, specimen, app, http } = stage;
    org.stop().await;
    let org = start(&specimen.base_url, config).await.expect("an org");
    Stage { org, specimen, app, http }
}

async fn start(base_url: &str, config: Config) -> Result<MockOrg, StartError> {
    let target = Target::parse(base_url).expect("a base URL");
    let provider = Provider { target, credentials: Credentials::Bearer(Secret::new(SCIM_TOKEN)) };
    MockOrg::start(Config { token: Some(TOKEN.to_owned()), provider: Some(provider), ..config }).await
}

/// Returns what every GET of the API answers, as text, and without the port, which is another after each start.
async fn everything(stage: &Stage) -> String {
    let app = &stage.app;
    let mut text = String::new();
    for path in [
        "/api/v1/users?filter=status+pr".to_owned(),
        "/api/v1/users?limit=2".to_owned(),
        "/api/v1/groups".to_owned(),
        "/api/v1/groups/rules".to_owned(),
        "/api/v1/apps".to_owned(),
        format!("/api/v1/apps/{app}/users"),
        format!("/api/v1/apps/{app}/groups"),
        format!("/api/v1/apps/{app}/group-push/mappings"),
        format!("/api/v1/apps/{app}/connections/default"),
        format!("/api/v1/apps/{app}/features"),
        format!("/api/v1/meta/schemas/apps/{app}/default"),
        "/api/v1/logs?since=1970-01-01&until=9999-01-01&limit=1000".to_owned(),
        "/_mock/tasks".to_owned(),
        "/_mock/jobs".to_owned(),
    ] {
        let answer = stage.get(&path).await;
        text.push_str(&format!("{path} {:?} {}\n", answer.next(), answer.json));
    }
    text.replace(&stage.org.url(), "")
}

/// Compares what [everything] returned, and shows where it differs.
#[track_caller]
fn expect_same(found: &str, expected: &str, when: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        let at = found.bytes().zip(expected.bytes()).take_while(|(one, other)| one == other).count();
        let near = |text: &str| text.get(at.saturating_sub(200)..(at + 200).min(text.len())).unwrap_or(text).to_owned();
        assert!(found == expected, "{when}:\n{}\nwas\n{}", near(found), near(expected));
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{when}");
}

/// One call of a story, to which `{app}`, `{ada}` and `{group}` are known.
type Call = (&'static str, &'static str, Value);

/// A story in which everything happens that an org can remember.
fn story() -> Vec<Call> {
    let mut grace = person("grace@example.com");
    grace["credentials"]["recovery_question"] = json!({ "question": "Who?", "answer": "a-secret-answer" });
    vec![
        ("POST", "/api/v1/users?activate=true", person("ada@example.com")),
        ("POST", "/api/v1/users?activate=false", grace),
        ("POST", "/api/v1/users", person("ada@example.com")),
        ("POST", "/api/v1/apps/{app}/users", json!({ "id": "{ada}", "scope": "USER" })),
        ("POST", "/api/v1/groups", json!({ "profile": { "name": "Crew", "description": "On board" } })),
        ("PUT", "/api/v1/groups/{group}/users/{ada}", Value::Null),
        ("PUT", "/api/v1/apps/{app}/groups/{group}", json!({ "priority": 0 })),
        (
            "POST",
            "/api/v1/apps/{app}/group-push/mappings",
            json!({ "sourceGroupId": "{group}", "targetGroupName": "Crew" }),
        ),
        ("POST", "/_mock/clock/advance", json!({ "seconds": 3600 })),
        ("POST", "/api/v1/users/{ada}", json!({ "profile": { "title": "Countess", "department": "Deck" } })),
        (
            "POST",
            "/api/v1/groups/rules",
            json!({ "type": "group_rule", "name": "Deck",
            "conditions": { "expression": { "value": "user.department==\"Deck\"", "type": "urn:okta:expression:1.0" } },
            "actions": { "assignUserToGroups": { "groupIds": ["{group}"] } } }),
        ),
        ("POST", "/_mock/faults", json!({ "kind": "status", "status": 503, "method": "PUT", "times": 1 })),
        ("POST", "/api/v1/users/{ada}", json!({ "profile": { "firstName": "Augusta" } })),
        ("POST", "/_mock/tasks/{task}/retry", Value::Null),
        ("POST", "/api/v1/users/grace/lifecycle/activate", Value::Null),
        ("POST", "/api/v1/users/{ada}/lifecycle/expire_password", Value::Null),
        ("POST", "/api/v1/users/grace/lifecycle/suspend", Value::Null),
        ("DELETE", "/api/v1/apps/{app}/users/{ada}", Value::Null),
        ("DELETE", "/api/v1/users/grace", Value::Null),
    ]
}

/// Makes a call of the story.
async fn tell(stage: &Stage, (method, path, body): Call) {
    let mut text = path.to_owned() + "\n" + &if body.is_null() { String::new() } else { body.to_string() };
    if text.contains("{ada}") {
        let ada = stage.get("/api/v1/users/ada").await.expect(200);
        text = text.replace("{ada}", ada["id"].as_str().expect("an id"));
    }
    if text.contains("{group}") {
        text = text.replace("{group}", &stage.group("Crew").await);
    }
    if text.contains("{task}") {
        let tasks = stage.get("/_mock/tasks").await.expect(200);
        text = text.replace("{task}", tasks[0]["id"].as_str().expect("a task"));
    }
    let text = text.replace("{app}", &stage.app);
    let (path, body) = text.split_once('\n').expect("it was put together so");
    let answer = stage.send(method, path, body.to_owned()).await;
    assert!(answer.status < 500, "{method} {path}: {}", answer.json);
}

fn copy(from: &Path, bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(from.parent().expect("a folder")).expect("a folder");
    fs::write(folder.path().join(FILE), bytes).expect("the file is written");
    folder
}

#[tokio::test]
async fn after_a_stop_every_get_answers_what_it_answered_and_the_org_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::start_with(kept(folder.path())).await;
    assert!(stage.org.notes()[0].starts_with("the org is kept in "), "{:?}", stage.org.notes());
    for call in story() {
        tell(&stage, call).await;
    }
    stage.person("eve@example.com").await;
    let before = everything(&stage).await;
    let held = stage.scim("/Users").await.expect(200);
    for _ in 0..2 {
        stage = again(stage, kept(folder.path())).await;
        assert!(stage.org.notes()[0].contains("goes on after"), "{:?}", stage.org.notes());
        expect_same(&everything(&stage).await, &before, "after a stop");
    }
    assert_eq!(stage.scim("/Users").await.expect(200), held, "nothing is sent by a start");
    // A page that was asked for before the stop is followed by the next one, though nobody has listed anything since.
    stage = again(stage, kept(folder.path())).await;
    let next = before.lines().find_map(|line| line.strip_prefix("/api/v1/users?limit=2 Some(\"")).expect("a next page");
    let next = next.split('"').next().expect("a target").trim_end_matches('\\');
    assert_eq!(stage.get(next).await.expect(200).as_array().map(Vec::len), Some(1), "{next}");
    let eve = stage.get("/api/v1/users/eve").await.expect(200);
    stage.assign(eve["id"].as_str().expect("an id")).await.expect(200);
    assert_eq!(stage.scim_users("eve@example.com").await.len(), 1, "with the token the seed's app had");
}

#[tokio::test]
async fn a_kill_at_any_moment_leaves_the_org_of_that_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::start_with(kept(folder.path())).await;
    let file = folder.path().join(FILE);
    let length = |file: &Path| fs::metadata(file).expect("the file is there").len();
    // After each call nothing is under way, so the file as it is then is what a kill would leave.
    let mut moments = vec![(length(&file), everything(&stage).await)];
    for call in story() {
        tell(&stage, call).await;
        moments.push((length(&file), everything(&stage).await));
    }
    let bytes = fs::read(&file).expect("the file is read");
    for (length, expected) in &moments {
        let cut = copy(folder.path(), &bytes[..usize::try_from(*length).expect("it was read")]);
        stage = again(stage, kept(cut.path())).await;
        assert_eq!(stage.org.notes().len(), 1, "nothing is dropped: {:?}", stage.org.notes());
        expect_same(&everything(&stage).await, expected, &format!("at {length}"));
    }
    // In between, jobs are under way, and records are cut off.
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let first = usize::try_from(moments[0].0).expect("it was read");
    for _ in 0..60 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let at = first + usize::try_from(random).expect("64 bits") % (bytes.len() - first);
        let cut = copy(folder.path(), &bytes[..at]);
        stage = again(stage, kept(cut.path())).await;
        let is_dropped = stage.org.notes()[0].contains("are dropped");
        assert_eq!(is_dropped, bytes[at - 1] != b'\n', "{at}: {:?}", stage.org.notes());
        stage.settle().await;
        let accounts = stage.get(&format!("/api/v1/apps/{}/users", stage.app)).await.expect(200);
        for account in accounts.as_array().expect("an array") {
            assert!(account["externalId"].is_string(), "{at}: whoever is assigned has an account: {account}");
        }
        let again_read = everything(&stage).await;
        stage = again(stage, kept(cut.path())).await;
        expect_same(&everything(&stage).await, &again_read, &format!("{at}: what followed is kept as well"));
    }
}

#[tokio::test]
async fn damage_is_told_with_its_place_and_a_remedy_that_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::start_with(kept(folder.path())).await;
    for call in story().into_iter().take(6) {
        tell(&stage, call).await;
    }
    let file = folder.path().join(FILE);
    let good = fs::read(&file).expect("the file is read");
    let line_3 = good.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).expect("three lines").0 + 1;
    let mut bad = good.clone();
    bad[line_3 + 20] ^= 1;
    let damaged = copy(folder.path(), &bad);
    let error = start(&stage.specimen.base_url, kept(damaged.path())).await.expect_err("it is damaged");
    let text = error.to_string();
    let path = damaged.path().join(FILE);
    let path = path.display();
    assert!(text.starts_with(&format!("{path}:3: the record that begins at byte {line_3} is damaged")), "{text}");
    assert_eq!(fs::read(damaged.path().join(FILE)).expect("it is there"), bad, "nobody touched it");
    let remedy = format!("cp {path} {path}.damaged && truncate -s {line_3} {path}");
    assert!(text.ends_with(&remedy), "{text}");
    let done = std::process::Command::new("sh").args(["-c", &remedy]).status().expect("a shell");
    assert!(done.success());
    stage = again(stage, kept(damaged.path())).await;
    assert_eq!(stage.get("/api/v1/users?filter=status+pr").await.expect(200).as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_folder_has_one_server_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(kept(folder.path())).await;
    let second = start(&stage.specimen.base_url, kept(folder.path())).await;
    let Err(StartError::State(error @ StateError::InUse { .. })) = second else { panic!("{second:?}") };
    assert!(error.to_string().ends_with("stop that one, or take another folder"), "{error}");
    let stage = again(stage, kept(folder.path())).await;
    stage.get("/api/v1/users/lucy").await.expect(200);
}

#[tokio::test]
async fn what_is_no_org_of_this_seed_and_format_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(kept(folder.path())).await;
    let good = fs::read_to_string(folder.path().join(FILE)).expect("the file is read");
    let stored = stored_seed(folder.path()).expect("it is readable").expect("there is one");
    assert_eq!(stored.org(), "acme");
    assert!(stored_seed(Path::new("/nowhere")).expect("nothing there is no error").is_none());
    for (content, expected) in [
        ("a file of somebody else\n".to_owned(), "its first line is no record"),
        (record(&json!({ "some": "thing" })), "it does not say what it is"),
        (record(&json!({ "rehearsal": "okta-org", "format": 99 })), "format 99"),
        (good.clone() + &record(&json!({})), ":2: the record that begins at byte"),
    ] {
        let other = copy(folder.path(), content.as_bytes());
        let error = start(&stage.specimen.base_url, kept(other.path())).await.expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(fs::read_to_string(other.path().join(FILE)).expect("it is there"), content);
    }
    let seed = Seed::parse("org = \"other\"").expect("a seed");
    let other = copy(folder.path(), good.as_bytes());
    let refused = start(&stage.specimen.base_url, Config { seed, ..kept(other.path()) }).await;
    assert!(matches!(refused, Err(StartError::State(StateError::OtherSeed { .. }))), "{refused:?}");
    // The same entries written otherwise are the same seed.
    let text = format!("# A comment.\n{}", good_seed(&good));
    let seed = Seed::parse(&text).expect("a seed");
    start(&stage.specimen.base_url, Config { seed, ..kept(other.path()) }).await.expect("it goes on").stop().await;
    let file = other.path().join("file");
    fs::write(&file, "").expect("it is written");
    let refused = start(&stage.specimen.base_url, kept(&file)).await.expect_err("it is no folder").to_string();
    assert!(refused.ends_with("cannot be used"), "{refused}");
}

/// Returns the seed that a file begins with.
fn good_seed(file: &str) -> String {
    let head: Value = serde_json::from_str(&file.lines().next().expect("a line")[9..]).expect("JSON");
    head["seed"].as_str().expect("a seed").to_owned()
}

/// Returns a first record.
fn record(json: &Value) -> String {
    let json = json.to_string();
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&0_u32.to_le_bytes());
    hasher.update(json.as_bytes());
    format!("{:08x} {json}\n", hasher.finalize())
}

#[tokio::test]
async fn no_secret_is_written_and_an_app_without_its_token_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::start_with(kept(folder.path())).await;
    for call in story().into_iter().take(4) {
        tell(&stage, call).await;
    }
    let second = stage.post("/api/v1/apps", json!({ "label": "Second" })).await.expect(200);
    let second = second["id"].as_str().expect("an id").to_owned();
    // Another way to the same server is another service provider.
    let other_url = stage.specimen.base_url.replace("127.0.0.1", "localhost");
    let connection = json!({ "baseUrl": other_url, "profile": { "authScheme": "TOKEN", "token": SCIM_TOKEN } });
    let path = format!("/api/v1/apps/{second}/connections/default?activate=true");
    let saved = stage.post(&path, connection.clone()).await.expect(200);
    assert_eq!(saved["status"], "ENABLED");
    let shown = stage.get(&format!("/api/v1/apps/{second}/connections/default")).await.expect(200);

    let channel = json!({ "type": "HTTP", "version": "1.0.0", "config": { "uri": "http://127.0.0.1:9/hook",
        "headers": [{ "key": "X-Key", "value": "a-secret-header" }],
        "authScheme": { "type": "HEADER", "key": "Authorization", "value": "a-secret-of-the-hook" } } });
    let hook = json!({ "name": "Hook", "events": { "type": "EVENT_TYPE", "items": ["user.lifecycle.create"] },
        "channel": channel });
    let hook = stage.post("/api/v1/eventHooks", hook).await.expect(200);
    let hook = hook["id"].as_str().expect("an id").to_owned();

    let text = fs::read_to_string(folder.path().join(FILE)).expect("the file is read");
    for secret in [SCIM_TOKEN, TOKEN, "Kv7J2LEa", "a-secret-answer", "a-secret-header", "a-secret-of-the-hook"] {
        assert!(!text.contains(secret), "{secret}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join(FILE)).expect("the file is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "it is nobody else's");
    }

    stage = again(stage, kept(folder.path())).await;
    let told = |id: &str| stage.org.notes().iter().filter(|note| note.contains(id)).count();
    assert_eq!((told(&second), told(&hook), stage.org.notes().len()), (1, 1, 3), "{:?}", stage.org.notes());
    let after = stage.get(&format!("/api/v1/apps/{second}/connections/default")).await.expect(200);
    let without_links =
        |mut value: Value| value.as_object_mut().expect("an object").shift_remove("_links").map(|_| value);
    assert_eq!(without_links(after), without_links(shown));
    let assign = json!({ "id": stage.get("/api/v1/users/lucy").await.expect(200)["id"], "scope": "USER" });
    let waiting = stage.post(&format!("/api/v1/apps/{second}/users"), assign).await.expect(200);
    assert_eq!((&waiting["externalId"], &waiting["syncState"]), (&Value::Null, &json!("ERROR")));
    stage.post(&path, connection).await.expect(200);
    let tasks = stage.get("/_mock/tasks").await.expect(200);
    stage.call("POST", &format!("/_mock/tasks/{}/retry", tasks[0]["id"].as_str().expect("an id")), None).await;
    assert_eq!(stage.scim_users("lucy@acme.example.com").await.len(), 1);
}

#[tokio::test]
async fn an_org_goes_on_with_the_service_provider_it_began_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::start_with(kept(folder.path())).await;
    for call in story().into_iter().take(4) {
        tell(&stage, call).await;
    }
    let before = everything(&stage).await;
    // Nobody says how to get in: the org is what it was, and sends nothing.
    let Stage { org, specimen, app, http } = stage;
    org.stop().await;
    let without =
        MockOrg::start(Config { token: Some(TOKEN.to_owned()), ..kept(folder.path()) }).await.expect("an org");
    assert!(without.notes()[1].starts_with(&format!("app {app} has no token for {}", specimen.base_url)));
    stage = Stage { org: without, specimen, app, http };
    expect_same(&everything(&stage).await, &before, "without a provider");
    // One that began without a service provider goes on without.
    let other = tempfile::tempdir().expect("a folder");
    let lonely = MockOrg::start(Config { token: Some(TOKEN.to_owned()), ..kept(other.path()) }).await.expect("an org");
    lonely.stop().await;
    stage = again(stage, kept(other.path())).await;
    assert!(stage.org.notes()[1].contains("is not used"), "{:?}", stage.org.notes());
    let app = stage.get(&format!("/api/v1/apps/{}/connections/default", stage.app)).await.expect(200);
    assert_eq!((&app["baseUrl"], &app["status"]), (&Value::Null, &json!("DISABLED")));
}

#[tokio::test]
async fn a_reset_and_a_snapshot_are_kept_as_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::start_with(kept(folder.path())).await;
    let fresh = everything(&stage).await;
    for call in story().into_iter().take(8) {
        tell(&stage, call).await;
    }
    let (snapshot, before) = (stage.get("/_mock/snapshot").await.expect(200), everything(&stage).await);
    stage.call("POST", "/_mock/reset", None).await.expect(204);
    stage = again(stage, kept(folder.path())).await;
    expect_same(&without_moments(&everything(&stage).await), &without_moments(&fresh), "after a reset");
    stage.call("PUT", "/_mock/snapshot", Some(snapshot)).await.expect(204);
    stage.person("eve@example.com").await;
    stage = again(stage, kept(folder.path())).await;
    stage.get("/api/v1/users/eve").await.expect(200);
    let restored = everything(&stage).await;
    let crew = |text: &str| text.lines().find(|line| line.starts_with("/api/v1/groups ")).map(str::to_owned);
    let names = |text: Option<String>| text.map(|text| text.matches("\"name\":").count());
    assert_eq!(names(crew(&restored)), names(crew(&before)));
}

/// Takes out when things happened: a reset begins at a moment of its own.
fn without_moments(text: &str) -> String {
    text.split('"').filter(|part| !part.ends_with(".000Z")).collect::<Vec<_>>().join("\"")
}

#[tokio::test]
async fn an_org_can_be_read_without_being_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(kept(folder.path())).await;
    for call in story() {
        tell(&stage, call).await;
    }
    let target = "/api/v1/logs?since=1970-01-01&until=9999-01-01&limit=1000";
    let served = stage.get(target).await.expect(200);
    // Whether or not somebody serves it at the moment.
    let mut stored = StoredOrg::read(folder.path()).expect("it is readable");
    assert_eq!(stored.get(target).status, 200);
    expect_same(&stored.get(target).body.to_string(), &served.to_string(), "while it is served");
    stage.org.stop().await;
    let length = fs::metadata(folder.path().join(FILE)).expect("it is there").len();
    let mut stored = StoredOrg::read(folder.path()).expect("it is readable");
    expect_same(&stored.get(target).body.to_string(), &served.to_string(), "afterwards");
    assert_eq!(stored.get("/api/v1/logs?limit=x").status, 400);
    let first = stored.get("/api/v1/logs?since=1970-01-01&until=9999-01-01&limit=2");
    assert_eq!(stored.get(&first.next.expect("there is more")).body[0], served[2]);
    assert_eq!(fs::metadata(folder.path().join(FILE)).expect("it is there").len(), length);
    let nothing: PathBuf = folder.path().join("nothing");
    assert!(matches!(StoredOrg::read(&nothing), Err(StateError::Absent { .. })));
}
