//! A small SCIM client for the tests.

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use scim_specimen::{Auth, Config, Fault, Running};
use serde_json::{Value, json};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(crate) const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
pub(crate) const CORE: &str = "urn:scim:schemas:core:1.0";
pub(crate) const TOKEN: &str = "right-token";

/// A specimen and a client that speaks to it.
pub(crate) struct Client {
    faults: Vec<Fault>,
    pub(crate) specimen: Running,
    pub(crate) http: reqwest::Client,
    pub(crate) headers: HeaderMap,
}

/// What came back. A connection that broke has the status 0.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Client {
    /// Starts a specimen that holds this many people and shows these faults.
    pub(crate) async fn start(users: usize, faults: &[Fault]) -> Client {
        let config = Config { users, faults: faults.to_vec(), ..Config::default() };
        Client::start_with(config).await
    }

    /// Starts another specimen, which holds this many people and shows these faults. Its client costs nothing.
    pub(crate) async fn another(&self, users: usize, faults: &[Fault]) -> Client {
        let config = Config { users, faults: faults.to_vec(), ..Config::default() };
        Client::start_as(self.http.clone(), config).await
    }

    /// Starts another specimen, which holds this many people and shows the same faults.
    pub(crate) async fn with_people(&self, users: usize) -> Client {
        self.another(users, &self.faults).await
    }

    /// Starts a specimen with this configuration, but for its credentials.
    pub(crate) async fn start_with(config: Config) -> Client {
        // It may have been installed by another test of this process, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::start_as(reqwest::Client::new(), config).await
    }

    async fn start_as(http: reqwest::Client, config: Config) -> Client {
        let faults = config.faults.clone();
        let config = Config { auth: Auth::Bearer(TOKEN.into()), max_body: 1 << 20, ..config };
        let specimen = Running::start(config).await.expect("a free port");
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer right-token"));
        headers.insert("content-type", HeaderValue::from_static("application/scim+json; charset=utf-8"));
        headers.insert("accept", HeaderValue::from_static("application/scim+json"));
        Client { faults, specimen, http, headers }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, method: &str, target: &str, headers: HeaderMap, body: String) -> Answer {
        self.exchange(method, format!("{}{target}", self.specimen.base_url), headers, body).await
    }

    async fn exchange(&self, method: &str, url: String, headers: HeaderMap, body: String) -> Answer {
        let request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        match request.headers(headers).body(body).send().await {
            Err(_) => Answer { status: 0, headers: HeaderMap::new(), text: String::new(), json: Value::Null },
            Ok(response) => {
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let text = response.text().await.unwrap();
                let json = serde_json::from_str(&text).unwrap_or_default();
                Answer { status, headers, text, json }
            }
        }
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        let mut headers = self.headers.clone();
        headers.remove("content-type");
        self.send("GET", target, headers, String::new()).await
    }

    /// Sends a body with the usual headers and one more, unless its value is empty: then it is left out.
    pub(crate) async fn with(&self, header: (&'static str, &str), method: &str, target: &str, body: Value) -> Answer {
        let mut headers = self.headers.clone();
        headers.remove(header.0);
        if !header.1.is_empty() {
            headers.insert(header.0, HeaderValue::from_str(header.1).unwrap());
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, target, headers, body).await
    }

    pub(crate) async fn post(&self, target: &str, body: Value) -> Answer {
        self.send("POST", target, self.headers.clone(), body.to_string()).await
    }

    pub(crate) async fn put(&self, target: &str, body: Value) -> Answer {
        self.send("PUT", target, self.headers.clone(), body.to_string()).await
    }

    /// Sends a PATCH with these operations.
    pub(crate) async fn patch(&self, target: &str, operations: Value) -> Answer {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.send("PATCH", target, self.headers.clone(), body.to_string()).await
    }

    /// Sends a SCIM 1.1 request as Okta does; one without a body if it is null.
    pub(crate) async fn v1(&self, method: &str, target: &str, body: Value) -> Answer {
        let mut headers = self.headers.clone();
        for name in ["content-type", "accept"] {
            headers.insert(name, HeaderValue::from_static("application/json"));
        }
        let url = format!("{}{target}", self.specimen.base_url_v1);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.exchange(method, url, headers, body).await
    }

    pub(crate) async fn delete(&self, target: &str) -> Answer {
        self.send("DELETE", target, self.headers.clone(), String::new()).await
    }

    /// Looks up a userName as Okta does.
    pub(crate) async fn lookup(&self, user_name: &str) -> Answer {
        let encoded = user_name.replace('@', "%40");
        self.get(&format!("/Users?filter=userName%20eq%20%22{encoded}%22&startIndex=1&count=100")).await
    }

    /// Creates a user like [`ada`] and returns the target of it.
    pub(crate) async fn create(&self, user_name: &str) -> String {
        let answer = self.post("/Users", ada(user_name)).await;
        format!("/Users/{}", answer.json["id"].as_str().unwrap_or("no-id"))
    }

    /// Creates a group with these members and returns the target of it.
    pub(crate) async fn create_group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
        let answer = self.post("/Groups", json!({ "schemas": [GROUP], "displayName": name, "members": members })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        format!("/Groups/{}", answer.json["id"].as_str().unwrap())
    }
}

impl Answer {
    /// Tells whether this is an Error message with the status it travels with.
    pub(crate) fn is_error(&self, status: u16) -> bool {
        self.status == status
            && self.json["schemas"] == json!([ERROR])
            && self.json["status"].as_str() == Some(&*status.to_string())
            && self.json["detail"].as_str().is_some_and(|detail| !detail.is_empty())
    }

    /// Asserts that this is an Error message with this status and keyword.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, scim_type: &str) {
        assert!(self.is_error(status), "wanted {status}, got {} {}", self.status, self.text);
        assert_eq!(self.json["scimType"].as_str().unwrap_or_default(), scim_type, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/scim+json");
    }

    /// Tells whether this is a 429.
    pub(crate) fn is_throttled(&self) -> bool {
        self.status == 429
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the target below the base URL of the resource in the answer.
    pub(crate) fn id(&self) -> &str {
        self.json["id"].as_str().unwrap_or_default()
    }

    /// Returns one member of each resource in a list.
    pub(crate) fn each(&self, name: &str) -> Vec<&str> {
        let resources = self.json["Resources"].as_array().into_iter().flatten();
        resources.map(|resource| resource[name].as_str().unwrap_or_default()).collect()
    }
}

/// The body Okta creates a user with.
pub(crate) fn ada(user_name: &str) -> Value {
    json!({
        "schemas": [USER],
        "userName": user_name,
        "name": { "givenName": "Ada", "familyName": "Byron" },
        "emails": [{ "primary": true, "value": "mail.of.ada@example.org", "type": "work" }],
        "displayName": "Ada Byron",
        "locale": "en-US",
        "externalId": "00u1a2b3c4d5e6f7g8h9",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}
