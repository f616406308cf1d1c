//! What a server says of itself is not believed where somebody else's data is at stake.

use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Output};
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Runs one case of Okta's SPEC test that creates somebody.
async fn run(server: &MockServer) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .current_dir(folder.path())
        .args(["test", &server.uri(), "okta/spec/duplicate-is-409", "--json", "report.json"])
        .output()
        .expect("the program starts");
    (output, folder)
}

/// Answers discovery as an ordinary server does, and every search with nobody.
async fn ordinary(server: &MockServer) {
    let list = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []
    });
    let config = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true }
    });
    for (place, body) in [("/ServiceProviderConfig", config), ("/Users", list.clone()), ("/Groups", list)] {
        let answer = ResponseTemplate::new(200).set_body_json(body);
        Mock::given(method("GET")).and(path(place)).respond_with(answer).mount(server).await;
    }
}

async fn sent(server: &MockServer, wanted: &str) -> Vec<String> {
    let requests = server.received_requests().await.expect("requests are recorded");
    requests.iter().filter(|one| one.method.as_str() == wanted).map(|one| one.url.path().to_owned()).collect()
}

/// Answers a POST with what it was sent, under this id.
fn echo(id: Value) -> impl Fn(&Request) -> ResponseTemplate {
    move |request: &Request| {
        let mut body: Value = serde_json::from_slice(&request.body).expect("the body is JSON");
        body["id"] = id.clone();
        ResponseTemplate::new(201).set_body_json(body)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_whom_a_create_answers_with_is_neither_changed_nor_removed() {
    let server = MockServer::start().await;
    let stranger = json!({ "id": "1", "userName": "somebody@corp.example" });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(&stranger)).mount(&server).await;
    Mock::given(method("GET"))
        .and(path("/Users/1"))
        .respond_with(ResponseTemplate::new(200).set_body_json(&stranger))
        .mount(&server)
        .await;
    ordinary(&server).await;
    let (output, _folder) = run(&server).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(sent(&server, "POST").await.len(), 1, "the case was run");
    for changing in ["DELETE", "PUT", "PATCH"] {
        assert_eq!(sent(&server, changing).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_with_a_number_for_an_id_is_removed() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(echo(json!(17))).mount(&server).await;
    Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    ordinary(&server).await;
    run(&server).await;
    assert_eq!(sent(&server, "DELETE").await, ["/Users/17"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_route_for_delete_gets_the_user_deactivated_and_the_run_says_so() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(echo(json!("17"))).mount(&server).await;
    Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(404)).mount(&server).await;
    Mock::given(method("PATCH")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let there = ResponseTemplate::new(200).set_body_json(json!({ "id": "17" }));
    Mock::given(method("GET")).and(path("/Users/17")).respond_with(there).mount(&server).await;
    ordinary(&server).await;
    let (_, folder) = run(&server).await;
    assert_eq!(sent(&server, "PATCH").await, ["/Users/17"]);
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let left = report["summary"]["left_behind"][0]["reason"].as_str().unwrap_or_default();
    assert!(left.contains("deactivated instead"), "{}", report["summary"]["left_behind"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_failed_and_cannot_be_searched_for_is_told_as_left_behind() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    Mock::given(method("GET"))
        .and(path("/Users"))
        .respond_with(|request: &Request| match request.url.query().unwrap_or_default().contains("filter") {
            true => ResponseTemplate::new(400),
            false => ResponseTemplate::new(200).set_body_json(json!({ "totalResults": 0, "Resources": [] })),
        })
        .mount(&server)
        .await;
    ordinary(&server).await;
    let (_, folder) = run(&server).await;
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let left = report["summary"]["left_behind"].as_array().expect("a list");
    assert_eq!(left.len(), 1, "{left:?}");
    let kept = fs::read_dir(folder.path().join("rehearsal-report")).unwrap();
    let journals = kept.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("journal"));
    assert_eq!(journals.count(), 1, "the journal stays for a later clean-up");
}

/// Returns the paths that a run tells as left behind.
fn left_behind(folder: &tempfile::TempDir) -> Vec<String> {
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let left = report["summary"]["left_behind"].as_array().expect("a list");
    left.iter().map(|left| left["path"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_with_half_a_character_is_removed() {
    let server = MockServer::start().await;
    let echo = |request: &Request| {
        let body = String::from_utf8_lossy(&request.body).replacen('{', r#"{"id":"17","title":"\ud800","#, 1);
        ResponseTemplate::new(201).set_body_string(body)
    };
    Mock::given(method("POST")).respond_with(echo).mount(&server).await;
    Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    ordinary(&server).await;
    let (_, folder) = run(&server).await;
    assert_eq!(sent(&server, "DELETE").await, ["/Users/17"]);
    assert_eq!(left_behind(&folder), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_under_another_name_is_told_and_not_touched() {
    let server = MockServer::start().await;
    let renamed = json!({ "id": "17", "userName": "somebody@corp.example" });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(201).set_body_json(&renamed)).mount(&server).await;
    let there = ResponseTemplate::new(200).set_body_json(&renamed);
    Mock::given(method("GET")).and(path("/Users/17")).respond_with(there).mount(&server).await;
    ordinary(&server).await;
    let (_, folder) = run(&server).await;
    assert_eq!(sent(&server, "DELETE").await, Vec::<String>::new());
    assert_eq!(left_behind(&folder), ["/Users/17 (perhaps)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_without_the_name_that_was_sent_is_told() {
    let server = MockServer::start().await;
    let nameless = json!({ "id": "17", "userName": "" });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(201).set_body_json(&nameless)).mount(&server).await;
    let there = ResponseTemplate::new(200).set_body_json(&nameless);
    Mock::given(method("GET")).and(path("/Users/17")).respond_with(there).mount(&server).await;
    ordinary(&server).await;
    let (_, folder) = run(&server).await;
    assert_eq!(left_behind(&folder), ["/Users/17 (perhaps)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_up_waits_for_a_server_that_asks_for_patience() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(echo(json!("17"))).mount(&server).await;
    let later = ResponseTemplate::new(429).insert_header("Retry-After", "1");
    Mock::given(method("DELETE")).respond_with(later).up_to_n_times(2).mount(&server).await;
    Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    ordinary(&server).await;
    let (_, folder) = run(&server).await;
    assert_eq!(sent(&server, "DELETE").await.len(), 3);
    assert_eq!(sent(&server, "PATCH").await, Vec::<String>::new());
    assert_eq!(left_behind(&folder), Vec::<String>::new());
}

/// Runs a case of somebody's own.
async fn run_own(server: &MockServer, step: &str) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let suite = format!(
        "suite = \"mine\"\ntitle = \"Mine\"\n\n[[case]]\nid = \"one\"\ntitle = \"One\"\nrule = \"It is so.\"\n\
         level = \"must\"\n\n[[case.step]]\nsend = \"POST /Users\"\n{step}\n"
    );
    fs::write(folder.path().join("mine.toml"), suite).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .current_dir(folder.path())
        .args(["test", &server.uri(), "mine", "--suites", "mine.toml", "--json", "report.json"])
        .output()
        .expect("the program starts");
    (output, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_created_whom_nobody_could_remove() {
    let server = MockServer::start().await;
    ordinary(&server).await;
    let (output, _folder) = run_own(&server, r#"json = '{ "userName": "bob@example.com" }'"#).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error[S077]"), "{output:?}");
    // The loader does not read into a text; the guard does.
    let (output, _folder) = run_own(&server, r#"text = '{ "userName": "bob@example.com" }'"#).await;
    assert_ne!(output.status.code(), Some(0));
    let told = [output.stdout, output.stderr].concat();
    assert!(
        String::from_utf8_lossy(&told).contains("would create `bob@example.com`"),
        "{}",
        String::from_utf8_lossy(&told)
    );
    assert_eq!(sent(&server, "POST").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_without_a_name_and_not_shown_is_told() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(201).set_body_string("[]")).mount(&server).await;
    ordinary(&server).await;
    let (_, folder) = run_own(&server, "text = '[]'").await;
    assert_eq!(left_behind(&folder), ["/Users (perhaps one without a name)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_that_repeats_the_token_does_not_show_it() {
    let server = MockServer::start().await;
    let body = json!({ "detail": "bad token tok3n-secret-xyz \u{1b}[31m" });
    Mock::given(any()).respond_with(ResponseTemplate::new(401).set_body_json(body)).mount(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .current_dir(folder.path())
        .env("SCIM_TOKEN", "tok3n-secret-xyz")
        .args(["test", &server.uri()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("401") && !told.contains("tok3n-secret") && !told.contains('\u{1b}'), "{told}");
}

#[test]
fn a_password_in_the_base_url_is_not_repeated() {
    let output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .args(["test", "http://bob:hunter2pw@127.0.0.1:1/scim"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2pw"));
}
