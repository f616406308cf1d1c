//! `rehearsal doctor`: everything between here and a first answer, each link looked at alone, nothing written.
//!
//! A run that cannot begin says so in one sentence. This says which link is broken: the name, the connection, the
//! certificate, the credentials, the endpoint, or only its speed.

pub(crate) mod base_url;
pub(crate) mod oauth;

use crate::client::get;
use crate::run::Line;
use scim_record::Failure;
use scim_suite::ScimVersion;
use scim_transport::{Auth, Reply, inspect};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// As it should be.
    Fine,
    /// Worth knowing; a run is possible.
    Doubtful,
    /// No run is possible, or Okta's own tests fail.
    Broken,
}

/// What was found out about one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// The link, in a word or two.
    pub(crate) link: &'static str,
    /// How it is.
    pub(crate) mark: Mark,
    /// What was seen. Nothing in it comes from the server unredacted.
    pub(crate) text: String,
    /// What to do, if something is to be done.
    pub(crate) remedy: Option<&'static str>,
}

impl Diagnosis {
    fn fine(link: &'static str, text: impl Into<String>) -> Diagnosis {
        Diagnosis { link, mark: Mark::Fine, text: text.into(), remedy: None }
    }

    fn doubtful(link: &'static str, text: impl Into<String>, remedy: &'static str) -> Diagnosis {
        Diagnosis { link, mark: Mark::Doubtful, text: text.into(), remedy: Some(remedy) }
    }

    fn broken(link: &'static str, text: impl Into<String>, remedy: &'static str) -> Diagnosis {
        Diagnosis { link, mark: Mark::Broken, text: text.into(), remedy: Some(remedy) }
    }
}

/// Looks at every link in turn and tells of each as soon as it is known; stops where nothing behind it can be looked at.
pub(crate) async fn examine(line: &Line, tell: &mut dyn FnMut(&Diagnosis)) {
    let mut tell = |diagnosis: Diagnosis| {
        tell(&diagnosis);
        diagnosis.mark != Mark::Broken
    };
    tell(base(line));
    let (found, addresses) = name(line).await;
    if tell(found) && tell(connection(&addresses).await) {
        if line.transport.target().is_https() {
            tell(certificate(line, &addresses).await);
        }
        if tell(anonymous(line).await) && tell(credentials(line).await) {
            tell(configuration(line).await);
            tell(speed(line).await);
        }
    }
}

fn base(line: &Line) -> Diagnosis {
    const LINK: &str = "base URL";
    let url = line.transport.target().base();
    let flaws = base_url::flaws(url);
    match flaws.first() {
        None => Diagnosis::fine(LINK, format!("{url}, {} characters", url.chars().count())),
        Some(first) => {
            let messages: Vec<&str> = flaws.iter().map(|flaw| flaw.message.as_str()).collect();
            Diagnosis::doubtful(LINK, format!("as an OIN integration: {}", messages.join("; ")), first.remedy)
        }
    }
}

async fn name(line: &Line) -> (Diagnosis, Vec<SocketAddr>) {
    const LINK: &str = "name";
    let target = line.transport.target();
    let host = target.host().trim_matches(['[', ']']);
    let default = if target.is_https() { 443 } else { 80 };
    let port = target.authority().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(default);
    let started = Instant::now();
    match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(found)) => {
            let addresses: Vec<SocketAddr> = found.take(MOST_ADDRESSES).collect();
            let told: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
            let text = format!("{host} is {} ({})", told.join(", "), milliseconds(started.elapsed()));
            if addresses.is_empty() {
                (Diagnosis::broken(LINK, format!("{host} has no address"), CHECK_NAME), addresses)
            } else {
                (Diagnosis::fine(LINK, text), addresses)
            }
        }
        Ok(Err(cause)) => (Diagnosis::broken(LINK, format!("{host}: {cause}"), CHECK_NAME), Vec::new()),
        Err(_) => {
            (Diagnosis::broken(LINK, format!("{host}: no answer in {}", seconds(PATIENCE)), CHECK_NAME), Vec::new())
        }
    }
}

async fn connection(addresses: &[SocketAddr]) -> Diagnosis {
    const LINK: &str = "connection";
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for address in addresses {
        let started = Instant::now();
        match tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(address)).await {
            Ok(Ok(_)) => open.push(format!("{address} in {}", milliseconds(started.elapsed()))),
            Ok(Err(cause)) => closed.push(format!("{address}: {cause}")),
            Err(_) => closed.push(format!("{address}: nothing in {}", seconds(PATIENCE))),
        }
    }
    let text = [open.join(", "), closed.join(", ")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    match (open.is_empty(), closed.is_empty()) {
        (true, _) => Diagnosis::broken(LINK, text.join("; "), "start the server, or open the port to this machine"),
        (false, true) => Diagnosis::fine(LINK, text.join("; ")),
        (false, false) => Diagnosis::doubtful(
            LINK,
            text.join("; "),
            "some clients will meet the address that does not answer; take it out of DNS",
        ),
    }
}

async fn certificate(line: &Line, addresses: &[SocketAddr]) -> Diagnosis {
    const LINK: &str = "TLS";
    let Some(address) = addresses.first() else { return Diagnosis::fine(LINK, "not looked at") };
    let shaken = match inspect(*address, line.transport.target().host(), PATIENCE).await {
        Ok(shaken) => shaken,
        Err(cause) => {
            return Diagnosis::broken(
                LINK,
                line.transport.redactor().text(&cause),
                "the port speaks no TLS, or none that is in use today (1.2 and 1.3)",
            );
        }
    };
    let days = (shaken.valid_until - jiff::Timestamp::now().as_second()) / (24 * 60 * 60);
    let until = jiff::Timestamp::from_second(shaken.valid_until)
        .map_or_else(|_| "an unreadable date".to_owned(), |end| end.strftime("%Y-%m-%d").to_string());
    let names: String = shaken.names.join(", ").chars().filter(|letter| !letter.is_control()).collect();
    let names = line.transport.redactor().text(&names);
    let text = format!("{}, for {names}, until {until} ({days} days)", shaken.protocol);
    if days < FEW_DAYS {
        Diagnosis::doubtful(LINK, text, "renew the certificate; Okta refuses one that has ended")
    } else {
        Diagnosis::fine(LINK, text)
    }
}

/// Asks as nobody: a server that answers shows its people to anyone.
async fn anonymous(line: &Line) -> Diagnosis {
    const LINK: &str = "as nobody";
    let mut request = get(line.version, PROBE.to_owned());
    request.auth = Auth::None;
    match line.transport.send("doctor", request).await.reply {
        Err(failure) => unreachable(LINK, &failure),
        Ok(reply) if reply.status == 401 => Diagnosis::fine(LINK, format!("GET {PROBE} answers 401")),
        Ok(reply) if reply.status == 200 => Diagnosis::doubtful(
            LINK,
            format!("GET {PROBE} answers 200 without credentials"),
            "every endpoint must ask for credentials (Okta: SCIM protocol requirements)",
        ),
        Ok(reply) => Diagnosis::doubtful(
            LINK,
            format!("GET {PROBE} answers {}", reply.status),
            "a request without credentials is answered with 401 (RFC 7644 section 2)",
        ),
    }
}

async fn credentials(line: &Line) -> Diagnosis {
    const LINK: &str = "credentials";
    match line.transport.send("doctor", get(line.version, PROBE.to_owned())).await.reply {
        Err(failure) => unreachable(LINK, &failure),
        Ok(reply) if matches!(reply.status, 401 | 403) => Diagnosis::broken(
            LINK,
            format!("GET {PROBE} answers {}", reply.status),
            "name the secret with --bearer, --header or --basic, set SCIM_TOKEN, or sign in by the --oauth options",
        ),
        Ok(reply) => match total(&reply) {
            Some(total) => Diagnosis::fine(LINK, format!("GET {PROBE} answers 200, {total} people there")),
            None => Diagnosis::broken(
                LINK,
                format!("GET {PROBE} answers {} and no list of people", reply.status),
                "check the base URL, which often ends in /scim/v2",
            ),
        },
    }
}

async fn configuration(line: &Line) -> Diagnosis {
    const LINK: &str = "says it can";
    let path = match line.version {
        ScimVersion::V2 => "/ServiceProviderConfig",
        ScimVersion::V1_1 => "/ServiceProviderConfigs",
    };
    let reply = match line.transport.send("doctor", get(line.version, path.to_owned())).await.reply {
        Ok(reply) => reply,
        Err(failure) => return unreachable(LINK, &failure),
    };
    let config: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let Some(config) = config.filter(|config| reply.status == 200 && config.is_object()) else {
        return Diagnosis::doubtful(
            LINK,
            format!("GET {path} answers {}", reply.status),
            "Okta does not ask for it; RFC 7644 section 4 does",
        );
    };
    let offers = |feature: &&&str| config.pointer(&format!("/{feature}/supported")) == Some(&Value::Bool(true));
    let offered: Vec<&str> = FEATURES.iter().filter(offers).copied().collect();
    Diagnosis::fine(LINK, if offered.is_empty() { "nothing beyond the basics".to_owned() } else { offered.join(", ") })
}

async fn speed(line: &Line) -> Diagnosis {
    const LINK: &str = "speed";
    let mut times = Vec::new();
    for _ in 0..SAMPLES {
        let started = Instant::now();
        if let Err(failure) = line.transport.send("doctor", get(line.version, PROBE.to_owned())).await.reply {
            return unreachable(LINK, &failure);
        }
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    let text = format!("{SAMPLES} × GET {PROBE}: median {}, slowest {}", milliseconds(median), milliseconds(slowest));
    if slowest > SLOW {
        Diagnosis::doubtful(LINK, text, "Okta gives up after 60 s, and its checks of groups want less than 0.6 s")
    } else {
        Diagnosis::fine(LINK, text)
    }
}

fn unreachable(link: &'static str, failure: &Failure) -> Diagnosis {
    let remedy = match failure {
        Failure::Unreachable { .. } => "mend what the message names; a certificate must be trusted by this machine",
        Failure::TimedOut { .. } => "the server took the request and gave no answer: look at its log",
        Failure::Broken { .. } | Failure::TooLarge { .. } => {
            "look at the server's log, and at what stands in front of it"
        }
    };
    Diagnosis::broken(link, failure.to_string(), remedy)
}

/// Returns how many there are, if the answer is a list.
fn total(reply: &Reply) -> Option<u64> {
    let list: Value = serde_json::from_slice(&reply.body).ok().filter(|_| reply.status == 200)?;
    list.get("totalResults")?.as_u64()
}

fn milliseconds(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

const PROBE: &str = "/Users?startIndex=1&count=1";
const CHECK_NAME: &str = "check the host in the base URL, and the resolver of this machine";
const FEATURES: &[&str] = &["patch", "bulk", "filter", "changePassword", "sort", "etag"];
const PATIENCE: Duration = Duration::from_secs(5);
const SLOW: Duration = Duration::from_millis(600);
const SAMPLES: usize = 10;
const FEW_DAYS: i64 = 21;
/// A name may have any number of addresses.
const MOST_ADDRESSES: usize = 8;
