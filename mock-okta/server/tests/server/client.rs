//! An org in front of a specimen, and a client that speaks to both.

use mock_okta_server::{Config, MockOrg, Provider, Seed};
use reqwest::Method;
use reqwest::header::HeaderMap;
use scim_specimen::{Auth, Running};
use scim_transport::{Credentials, Secret, Target};
use serde_json::{Value, json};

/// An org, the specimen behind its app, and a client.
pub(crate) struct Stage {
    pub(crate) org: MockOrg,
    pub(crate) specimen: Running,
    pub(crate) app: String,
    pub(crate) http: reqwest::Client,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    /// Checks the status and returns the body.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.json);
        self.json
    }

    /// Checks that it is an Okta error with this code.
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16, code: &str) {
        assert_eq!((self.status, self.json["errorCode"].as_str()), (status, Some(code)), "{}", self.json);
        assert!(self.json["errorId"].as_str().is_some_and(|id| id.starts_with("oae")), "{}", self.json);
    }

    /// Returns the target of the next page.
    pub(crate) fn next(&self) -> Option<String> {
        let links = self.headers.get_all("link").iter().filter_map(|value| value.to_str().ok());
        let next = links.filter_map(|link| link.strip_suffix(">; rel=\"next\"")).next();
        next.map(|link| link.trim_start_matches('<').to_owned())
    }
}

impl Stage {
    /// Starts an org whose calls wait for provisioning.
    pub(crate) async fn start() -> Stage {
        Stage::start_with(Config { synchronous: true, ..Config::default() }).await
    }

    /// Starts an org with this configuration, but for its service provider.
    pub(crate) async fn start_with(config: Config) -> Stage {
        // It may have been installed by another test of this process, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let auth = Auth::Bearer(SCIM_TOKEN.to_owned());
        let specimen = Running::start(scim_specimen::Config { auth, ..Default::default() }).await.expect("a free port");
        let target = Target::parse(&specimen.base_url).expect("a base URL");
        let provider = Provider { target, credentials: Credentials::Bearer(Secret::new(SCIM_TOKEN)) };
        let org = MockOrg::start(Config { token: Some(TOKEN.to_owned()), provider: Some(provider), ..config });
        let org = org.await.expect("an org");
        let app = org.apps().first().map(|(id, _)| id.clone()).unwrap_or_default();
        Stage { org, specimen, app, http: reqwest::Client::new() }
    }

    /// Starts an org with a seed.
    pub(crate) async fn seeded(seed: &str) -> Stage {
        let seed = Seed::parse(seed).expect("a seed");
        Stage::start_with(Config { seed, synchronous: true, ..Config::default() }).await
    }

    /// Calls the org in the way Okta's CRUD test does.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(method, path, body.map_or_else(String::new, |body| body.to_string())).await
    }

    /// Calls the org with a body that may be no JSON. A path may be a whole URL.
    pub(crate) async fn send(&self, method: &str, path: &str, body: String) -> Answer {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.org.url()) };
        let request = self.http.request(Method::from_bytes(method.as_bytes()).expect("a method"), url);
        let request = request.header("authorization", format!("SSWS {TOKEN}"));
        let request = request.header("accept", "application/json").header("content-type", "application/json");
        finish(request.body(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    /// Asks the specimen.
    pub(crate) async fn scim(&self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.specimen.base_url));
        finish(request.bearer_auth(SCIM_TOKEN)).await
    }

    /// Asks the specimen for whoever has this user name.
    pub(crate) async fn scim_users(&self, user_name: &str) -> Vec<Value> {
        let filter = format!("userName%20eq%20%22{}%22", user_name.replace('@', "%40"));
        let list = self.scim(&format!("/Users?filter={filter}")).await.expect(200);
        list["Resources"].as_array().cloned().unwrap_or_default()
    }

    /// Creates somebody who is active and returns the id.
    pub(crate) async fn person(&self, login: &str) -> String {
        let created = self.post("/api/v1/users?activate=true", person(login)).await.expect(200);
        created["id"].as_str().expect("an id").to_owned()
    }

    /// Assigns somebody to the app.
    pub(crate) async fn assign(&self, person: &str) -> Answer {
        self.post(&format!("/api/v1/apps/{}/users", self.app), json!({ "id": person, "scope": "USER" })).await
    }

    /// Returns the id of a group of the seed.
    pub(crate) async fn group(&self, name: &str) -> String {
        let groups = self.get(&format!("/api/v1/groups?q={}", name.replace(' ', "+"))).await.expect(200);
        groups[0]["id"].as_str().expect("an id").to_owned()
    }

    /// Waits until nothing is left to do.
    pub(crate) async fn settle(&self) {
        let settled = self.call("POST", "/_mock/settle?timeout=60", None).await.expect(200);
        assert_eq!(settled, json!({ "settled": true, "pending": 0 }));
    }
}

/// Sends a request and reads what comes back.
pub(crate) async fn finish(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a text");
    let json = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") };
    Answer { status, headers, json }
}

/// Returns the body that creates somebody.
pub(crate) fn person(login: &str) -> Value {
    let (first, _) = login.split_once('@').expect("a login");
    json!({
        "profile": { "firstName": first, "lastName": "Example", "email": login, "login": login },
        "credentials": { "password": { "value": "Kv7J2LEa" } },
    })
}

pub(crate) const TOKEN: &str = "00org-token";
pub(crate) const SCIM_TOKEN: &str = "scim-token";
