//! Who gets in, and who can make others' browsers do something.

use reqwest::Method;

use super::client::{Stage, TOKEN};
use super::visitor::{Visitor, shown};

#[tokio::test]
async fn nobody_gets_in_without_token_or_code() {
    let stage = Stage::start().await;
    let mut visitor = Visitor::stranger(&stage);
    for path in ["/console", "/console/people?q=a", "/console/events", "/console/nothing"] {
        let page = visitor.get(path).await.expect(401);
        assert!(page.contains("action=\"/console/sign-in\"") && !page.contains("<nav"), "{page}");
    }
    for secret in ["", "wrong", &TOKEN[1..]] {
        assert_eq!(visitor.sign_in(secret).await.status, 401, "{secret}");
    }
    let signed = visitor.sign_in(TOKEN).await;
    assert_eq!((signed.status, signed.header("location")), (303, "/console/stage"));
    let cookie = signed.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/console"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(TOKEN));
    let page = visitor.get("/console").await.expect(200);
    assert!(!page.contains(TOKEN), "the token is nowhere");

    let left = visitor.post("sign-out", &[("form", &visitor.form)]).await;
    assert!(left.header("set-cookie").contains("Max-Age=0"), "{left:?}");
    visitor.get("/console").await.expect(401);
}

#[tokio::test]
async fn the_code_lets_in_once() {
    let stage = Stage::start().await;
    let code = stage.org.sign_in_code().expect("a code");
    let mut visitor = Visitor::stranger(&stage);
    assert_eq!(visitor.sign_in(&code).await.status, 303);
    assert_eq!(Visitor::stranger(&stage).sign_in(&code).await.status, 401);
    assert_eq!(stage.org.sign_in_code(), None);
    visitor.get("/console").await.expect(200);
}

#[tokio::test]
async fn the_page_asked_for_is_shown_after_signing_in() {
    let stage = Stage::start().await;
    let visitor = Visitor::stranger(&stage);
    let page = visitor.get("/console/people?q=%22%3E%3Cscript%3E").await.expect(401);
    assert!(page.contains("value=\"/console/people?q=%22%3E%3Cscript%3E\""), "{page}");
    for back in ["//evil.example/console", "https://evil.example/", "/console\r\nset-cookie: a=b"] {
        let signed = visitor.post("sign-in", &[("secret", TOKEN), ("back", back)]).await;
        assert_eq!((signed.status, signed.header("location")), (303, "/console"), "{back}");
    }
}

#[tokio::test]
async fn only_forms_of_the_session_do_anything() {
    let stage = Stage::start().await;
    let (visitor, other) = (Visitor::signed_in(&stage).await, Visitor::signed_in(&stage).await);
    let ours = ("form", visitor.form.as_str());
    for pairs in [&[][..], &[("form", "")], &[("form", other.form.as_str())]] {
        let pairs: Vec<_> = pairs.iter().copied().chain([("seconds", "60")]).collect();
        assert_eq!(visitor.post("act/clock", &pairs).await.status, 403, "{pairs:?}");
    }
    assert_eq!(visitor.post("act/clock", &[ours, ("seconds", "60")]).await.status, 303);
    assert_eq!(visitor.post("act/no-such-act", &[ours]).await.status, 404);
    assert_eq!(visitor.get("/console/act/reset").await.status, 404, "a link does nothing");
    let put = shown(visitor.request(Method::PUT, "/console/stage")).await;
    assert_eq!(put.status, 405);

    // Another server of this machine is the same site for a cookie, and not the same origin.
    let body = format!("form={}&seconds=60", visitor.form);
    for (name, value, status) in [
        ("origin", "http://127.0.0.1:1", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("origin", stage.org.url().as_str(), 303),
    ] {
        let request = visitor.request(Method::POST, "/console/act/clock").header(name, value).body(body.clone());
        assert_eq!(shown(request).await.status, status, "{name}: {value}");
    }
    let long = format!("{body}&fill={}", "a".repeat(300 << 10));
    assert_eq!(shown(visitor.request(Method::POST, "/console/act/clock").body(long)).await.status, 413);
}

#[tokio::test]
async fn the_console_is_called_by_this_machines_names_only() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    for path in ["/console", "/console/style.css", "/console/events"] {
        let request = visitor.request(Method::GET, path).header("host", "rebound.example");
        assert_eq!(shown(request).await.status, 403, "{path}");
    }
    let request = visitor.request(Method::POST, "/console/sign-in").header("host", "rebound.example");
    assert_eq!(shown(request.body(format!("secret={TOKEN}"))).await.status, 403);
}

#[tokio::test]
async fn the_cookie_opens_the_console_and_not_the_api() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    assert_eq!(visitor.get("/api/v1/users").await.status, 403);
    assert_eq!(visitor.get("/_mock/journal").await.status, 403);
}

#[tokio::test]
async fn every_answer_forbids_what_no_page_needs() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    for path in [
        "/console",
        "/console/stage",
        "/console/style.css",
        "/console/script.js",
        "/console/nothing",
        "/console/exchanges/1",
        "/console/people/nobody",
    ] {
        let shown = visitor.get(path).await;
        let policy = shown.header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "script-src 'self'", "form-action 'self'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        let guards = ["x-content-type-options", "x-frame-options", "cross-origin-resource-policy"];
        assert_eq!(guards.map(|name| shown.header(name)), ["nosniff", "DENY", "same-origin"], "{path}");
        assert_eq!(shown.header("cache-control"), "no-store", "{path}");
    }
}
