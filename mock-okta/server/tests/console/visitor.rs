//! Somebody with a browser that keeps one cookie and follows nothing by itself.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};

use super::client::{Stage, TOKEN};

/// A browser, signed in or not.
pub(crate) struct Visitor {
    http: reqwest::Client,
    base: String,
    pub(crate) cookie: String,
    /// What every form carries.
    pub(crate) form: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Shown {
    /// Checks the status and returns the page.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        self.text
    }

    /// Returns a header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Visitor {
    /// Returns a browser nobody has signed in with.
    pub(crate) fn stranger(stage: &Stage) -> Visitor {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Visitor { http, base: stage.org.url(), cookie: String::new(), form: String::new() }
    }

    /// Returns one that was signed in by the token.
    pub(crate) async fn signed_in(stage: &Stage) -> Visitor {
        let mut visitor = Visitor::stranger(stage);
        assert_eq!(visitor.sign_in(TOKEN).await.status, 303);
        visitor
    }

    /// Signs in, and reads what forms carry off a page.
    pub(crate) async fn sign_in(&mut self, secret: &str) -> Shown {
        let shown = self.post("sign-in", &[("secret", secret), ("back", "/console/stage")]).await;
        if shown.status == 303 {
            self.cookie = shown.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
            let page = self.get("/console/stage").await.expect(200);
            let (_, rest) = page.split_once("name=\"form\" value=\"").expect("a form");
            self.form = rest.split('"').next().unwrap_or_default().to_owned();
        }
        shown
    }

    pub(crate) async fn get(&self, path: &str) -> Shown {
        shown(self.request(Method::GET, path)).await
    }

    /// Sends a form of the session.
    pub(crate) async fn act(&self, name: &str, pairs: &[(&str, &str)]) -> Shown {
        let pairs: Vec<(&str, &str)> = pairs.iter().copied().chain([("form", self.form.as_str())]).collect();
        self.post(&format!("act/{name}"), &pairs).await
    }

    /// Sends any form.
    pub(crate) async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Shown {
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = self.request(Method::POST, &format!("/console/{path}"));
        shown(request.header("content-type", "application/x-www-form-urlencoded").body(body.join("&"))).await
    }

    /// Returns a request with the cookie.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        if self.cookie.is_empty() { request } else { request.header("cookie", &self.cookie) }
    }
}

/// Sends a request and reads what comes back.
pub(crate) async fn shown(request: RequestBuilder) -> Shown {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Shown { status, headers, text: response.text().await.expect("a text") }
}
