//! People and a group who are on a server before the suites come, and have to be there, unchanged, when they have gone.

use super::TOKEN;
use serde_json::{Value, json};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// Creates the strangers, as soon as the server listens: somebody with all that Okta wants of an account, because its SPEC
/// test looks at whoever is listed first; a group; and, where `in_order`, somebody with a userName and nothing else.
pub(crate) fn settle(port: u16, path: &str, in_order: bool) -> io::Result<()> {
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    let whole = json!({
        "schemas": [user],
        "userName": "mary@example.org",
        "name": { "givenName": "Mary", "familyName": "Somerville" },
        "emails": [{ "value": "mary@example.org", "type": "work", "primary": true }],
        "active": true,
    });
    let bare = json!({ "schemas": [user], "userName": "anon@example.org" });
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Strangers" });
    let bare = in_order.then_some(("Users", bare));
    for (endpoint, resource) in [("Users", whole), ("Groups", group)].into_iter().chain(bare) {
        let (status, answer) = exchange(port, "POST", &format!("{path}/{endpoint}"), Some(&resource))?;
        if status != 201 {
            return Err(io::Error::other(format!("{status} for a stranger: {answer}")));
        }
    }
    Ok(())
}

/// Returns all users and groups, as the server shows them.
pub(crate) fn everybody(port: u16, path: &str) -> io::Result<Value> {
    let list = |endpoint: &str| {
        let (status, answer) = exchange(port, "GET", &format!("{path}/{endpoint}"), None)?;
        let resources = answer.get("Resources").cloned().unwrap_or_default();
        if status == 200 { Ok(resources) } else { Err(io::Error::other(format!("{status} for a list: {answer}"))) }
    };
    Ok(json!({ "Users": list("Users")?, "Groups": list("Groups")? }))
}

/// Sends one request, by HTTP/1.0 so that the answer ends with the connection.
fn exchange(port: u16, method: &str, target: &str, body: Option<&Value>) -> io::Result<(u16, Value)> {
    let mut stream = connect(port)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    write!(
        stream,
        "{method} {target} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Ok((status, serde_json::from_str(body).unwrap_or_default()))
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let begin = Instant::now();
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Err(_) if begin.elapsed() < Duration::from_secs(30) => thread::sleep(Duration::from_millis(100)),
            outcome => return outcome,
        }
    }
}
