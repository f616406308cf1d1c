//! What surrounds every call: credentials, hosts, errors, headers.

use mock_okta_server::Config;
use serde_json::json;

use super::client::{Stage, TOKEN, finish, person};

#[tokio::test]
async fn without_the_token_nobody_is_let_in() {
    let stage = Stage::start().await;
    for path in ["/api/v1/users", "/api/v1/nonsense", "/_mock/journal", "/_mock/reset"] {
        let url = format!("{}{path}", stage.org.url());
        finish(stage.http.get(&url)).await.expect_error(403, "E0000005");
        finish(stage.http.get(&url).header("authorization", "Basic eDp5")).await.expect_error(401, "E0000004");
        finish(stage.http.get(&url).header("authorization", "SSWS wrong")).await.expect_error(401, "E0000011");
    }
    finish(stage.http.get(format!("{}/_mock/health", stage.org.url()))).await.expect(200);
    finish(stage.http.get(format!("{}/api/v1/users", stage.org.url())).bearer_auth(TOKEN)).await.expect(200);
}

#[tokio::test]
async fn a_page_that_calls_the_org_by_a_name_of_its_own_is_refused() {
    let stage = Stage::start().await;
    let request = stage.http.get(format!("{}/api/v1/users", stage.org.url())).bearer_auth(TOKEN);
    finish(request.header("host", "rebound.example")).await.expect_error(403, "E0000006");
}

#[tokio::test]
async fn what_nobody_knows_gets_okta_s_404_and_405() {
    let stage = Stage::start().await;
    for path in ["/", "/api", "/api/v1", "/api/v2/users", "/api/v1/users/x/y/z", "/_mock", "/_mock/x", "/%ff", "//"] {
        stage.get(path).await.expect_error(404, "E0000008");
    }
    for (method, path) in
        [("PATCH", "/api/v1/users"), ("DELETE", "/api/v1/logs"), ("HEAD2", "/api/v1/groups"), ("PUT", "/_mock/clock")]
    {
        stage.call(method, path, None).await.expect_error(405, "E0000022");
    }
    for path in ["/api/v1/users/00u1", "/api/v1/groups/00g1", "/api/v1/apps/0oa1", "/governance/api/v1/grants/x"] {
        stage.get(path).await.expect_error(404, "E0000007");
    }
}

#[tokio::test]
async fn malformed_input_is_refused_everywhere() {
    let stage = Stage::start().await;
    let id = stage.person("ada@example.com").await;
    let group = stage.group("Customer Support").await;
    let app = &stage.app;
    let targets = [
        ("POST", "/api/v1/users".to_owned()),
        ("PUT", format!("/api/v1/users/{id}")),
        ("POST", format!("/api/v1/users/{id}")),
        ("POST", "/api/v1/groups".to_owned()),
        ("PUT", format!("/api/v1/groups/{group}")),
        ("POST", "/api/v1/groups/rules".to_owned()),
        ("POST", "/api/v1/apps".to_owned()),
        ("PUT", format!("/api/v1/apps/{app}")),
        ("POST", format!("/api/v1/apps/{app}/users")),
        ("PUT", format!("/api/v1/apps/{app}/groups/{group}")),
        ("PATCH", format!("/api/v1/apps/{app}/groups/{group}")),
        ("POST", format!("/api/v1/apps/{app}/connections/default")),
        ("PUT", format!("/api/v1/apps/{app}/features/USER_PROVISIONING")),
        ("POST", format!("/api/v1/apps/{app}/group-push/mappings")),
        ("POST", format!("/api/v1/meta/schemas/apps/{app}/default")),
        ("POST", "/governance/api/v1/grants".to_owned()),
        ("PUT", "/_mock/snapshot".to_owned()),
        ("POST", "/_mock/faults".to_owned()),
        ("POST", "/_mock/clock/advance".to_owned()),
    ];
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (method, path) in &targets {
        for body in ["{", "nonsense", "\u{0}", "{\"a\":}", &deep] {
            stage.send(method, path, body.to_owned()).await.expect_error(400, "E0000003");
        }
        for body in [json!([]), json!("x"), json!(1)] {
            let answer = stage.call(method, path, Some(body.clone())).await;
            let is_patch = *method == "PATCH";
            assert!(answer.status == 400 || is_patch, "{method} {path} {body}: {} {}", answer.status, answer.json);
        }
    }
    for body in [
        json!({}),
        json!({ "profile": null }),
        json!({ "profile": { "login": "x" } }),
        json!({ "profile": [], "credentials": 1 }),
        json!({ "profile": person("bob@example.com")["profile"], "credentials": 1 }),
        json!({ "profile": person("bob@example.com")["profile"], "groupIds": ["00gnone"] }),
        person("ADA@example.com"),
    ] {
        stage.post("/api/v1/users", body).await.expect_error(400, "E0000001");
    }
    for query in ["limit=x", "limit=0", "filter=status", "filter=a+eq+b", "search=%22", "after=nowhere"] {
        assert_eq!(stage.get(&format!("/api/v1/users?{query}")).await.status, 400, "{query}");
    }
    assert_eq!(stage.get("/api/v1/users").await.expect(200).as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_read() {
    let stage = Stage::start_with(Config { max_body: 1000, ..Config::default() }).await;
    stage.send("POST", "/api/v1/users", "x".repeat(100_000)).await.expect_error(413, "E0000003");
    stage.get("/api/v1/users").await.expect(200);
}

#[tokio::test]
async fn every_answer_tells_the_rate_limit_and_too_many_calls_are_refused() {
    let stage = Stage::start_with(Config { calls_per_minute: 3, ..Config::default() }).await;
    for remaining in ["2", "1", "0"] {
        let answer = stage.get("/api/v1/users").await;
        assert_eq!(answer.headers["x-rate-limit-remaining"], remaining);
        assert_eq!(answer.headers["x-rate-limit-limit"], "3");
        assert!(answer.headers.contains_key("x-rate-limit-reset") && answer.headers.contains_key("x-okta-request-id"));
        answer.expect(200);
    }
    stage.get("/api/v1/users").await.expect_error(429, "E0000047");
}

#[tokio::test]
async fn nothing_shows_a_token_or_a_password() {
    let stage = Stage::start().await;
    let id = stage.person("ada@example.com").await;
    stage.assign(&id).await.expect(200);
    let connection = json!({ "baseUrl": stage.specimen.base_url,
        "profile": { "authScheme": "TOKEN", "token": super::client::SCIM_TOKEN } });
    stage.post(&format!("/api/v1/apps/{}/connections/default?activate=true", stage.app), connection).await.expect(200);
    for path in [
        format!("/api/v1/users/{id}"),
        format!("/api/v1/apps/{}", stage.app),
        format!("/api/v1/apps/{}/connections/default", stage.app),
        "/api/v1/logs".to_owned(),
        "/_mock/journal".to_owned(),
        "/_mock/snapshot".to_owned(),
    ] {
        let text = stage.get(&path).await.expect(200).to_string();
        for secret in [super::client::SCIM_TOKEN, TOKEN, "Kv7J2LEa"] {
            assert!(!text.contains(secret), "{path} shows {secret}: {text}");
        }
    }
}
