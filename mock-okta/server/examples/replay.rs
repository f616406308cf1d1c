//! Measures an org that is kept in a folder: `make DIR CALLS` makes half as many people and assigns the app to each,
//! `read DIR` starts the org again, in a process that has done nothing else.
//!
//! ```text
//! cargo run --release -p mock-okta-server --example replay -- make /tmp/org 10000
//! cargo run --release -p mock-okta-server --example replay -- read /tmp/org
//! ```

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs};

use mock_okta_server::{Config, MockOrg, Provider, stored_seed};
use scim_specimen::{Auth, Running};
use scim_transport::{Credentials, Secret, Target};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder, calls] => make(folder.into(), calls.parse()?).await,
        ["read", folder] => read(folder.into()).await,
        _ => Err("make DIR CALLS, or read DIR".into()),
    }
}

async fn make(folder: PathBuf, calls: usize) -> Result<(), Box<dyn Error>> {
    // It is the first thing in this process that needs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let auth = Auth::Bearer("token".to_owned());
    let specimen = Running::start(scim_specimen::Config { auth, ..Default::default() }).await?;
    let provider =
        Provider { target: Target::parse(&specimen.base_url)?, credentials: Credentials::Bearer(Secret::new("token")) };
    let org =
        MockOrg::start(Config { state: Some(folder.clone()), provider: Some(provider), ..Config::default() }).await?;
    let (http, url) = (reqwest::Client::new(), org.url());
    let app = org.apps().first().map(|(id, _)| id.clone()).unwrap_or_default();
    let started = Instant::now();
    for number in 0..calls / 2 {
        let login = format!("person{number}@example.com");
        let body = json!({ "profile": { "firstName": "Ada", "lastName": "Byron", "login": login, "email": login },
            "credentials": { "password": { "value": "Kv7J2LEa" } } });
        let made: Value = post(&http, &org, format!("{url}/api/v1/users"), &body).await?;
        post(&http, &org, format!("{url}/api/v1/apps/{app}/users"), &json!({ "id": made["id"], "scope": "USER" }))
            .await?;
    }
    post(&http, &org, format!("{url}/_mock/settle?timeout=600"), &Value::Null).await?;
    let time = started.elapsed();
    org.stop().await;
    let size = fs::metadata(folder.join("org.log"))?.len();
    let line = format!("{calls} calls in {:.1} s, {:.1} MB in the folder\n", time.as_secs_f64(), size as f64 / 1e6);
    io::stdout().write_all(line.as_bytes())?;
    Ok(())
}

async fn post(http: &reqwest::Client, org: &MockOrg, url: String, body: &Value) -> Result<Value, Box<dyn Error>> {
    let request = http.post(url).header("authorization", format!("SSWS {}", org.token()));
    let request = request.header("content-type", "application/json").body(body.to_string());
    let answer = request.send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    if status.is_success() { Ok(serde_json::from_str(&text)?) } else { Err(text.into()) }
}

async fn read(folder: PathBuf) -> Result<(), Box<dyn Error>> {
    let seed = stored_seed(&folder)?.ok_or("there is no org in the folder")?;
    let started = Instant::now();
    let org = MockOrg::start(Config { state: Some(folder), seed, ..Config::default() }).await?;
    let time = started.elapsed();
    let memory = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown").to_owned();
    let mut out = io::stdout();
    writeln!(out, "started in {:.2} s, {memory}", time.as_secs_f64())?;
    org.notes().iter().try_for_each(|note| writeln!(out, "{note}"))?;
    Ok(())
}
