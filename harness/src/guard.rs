//! The production guard: whether a run may write to a target at all, decided before the first write.
//!
//! A target is judged by its name as it was typed, not by the address behind it: a name is what people know their
//! servers by, an address may be another one with the next connection, and one of this machine may be the mouth of a
//! tunnel. Which objects may be changed is not decided here; that nobody's but the run's own are is `client`'s rule.

use crate::cli::GuardArgs;
use crate::client;
use crate::run::Line;
use scim_transport::Target;
use serde_json::Value;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// What the options say about where a run may write.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    is_sandbox: bool,
    most_strangers: u64,
    rate: Option<u32>,
    allows_nonempty: bool,
    confirmed_host: Option<String>,
}

impl Guard {
    pub(crate) fn new(arguments: &GuardArgs) -> Guard {
        Guard {
            is_sandbox: arguments.sandbox,
            most_strangers: arguments.max_foreign_users,
            rate: arguments.rate,
            allows_nonempty: arguments.allow_nonempty,
            confirmed_host: arguments.confirm_host.clone(),
        }
    }

    /// Returns the least time between two requests: a server elsewhere has other users.
    pub(crate) fn pace(&self, target: &Target) -> Option<Duration> {
        let rate = self.rate.unwrap_or(if is_green(target.host()) { 0 } else { RATE });
        (rate > 0).then(|| Duration::from_secs(1) / rate)
    }

    /// Asks the target who is there and returns why nothing may be written to it, or nothing if something may.
    ///
    /// What is read here is not kept.
    pub(crate) async fn objection(&self, line: &Line) -> Option<Objection> {
        let target = line.transport.target();
        if self.is_sandbox || is_green(target.host()) {
            return None;
        }
        let strangers = strangers(line).await;
        self.judge(target, &strangers)
    }

    /// Returns whether everything that is there may be read, however much it is.
    pub(crate) fn may_read_all(&self, target: &Target) -> bool {
        self.is_sandbox || is_green(target.host())
    }

    fn judge(&self, target: &Target, strangers: &Strangers) -> Option<Objection> {
        let host = target.host();
        let seen = match strangers {
            Strangers::Known(number) if *number > self.most_strangers => {
                let most = self.most_strangers;
                Some(format!(
                    "it holds {number} users whom this run did not create, and more than {most} look like people"
                ))
            }
            Strangers::Known(_) => None,
            Strangers::Unknown(why) => Some(format!("nobody knows how many users it holds: {why}")),
        };
        let named = production_word(host).map(|word| format!("its name says `{word}`"));
        let seen: Vec<String> = named.into_iter().chain(seen).collect();
        if seen.is_empty() || self.is_confirmed(host) {
            return None;
        }
        let half = match (self.allows_nonempty, &self.confirmed_host) {
            (true, Some(_)) => Some("--confirm-host names another host"),
            (true, None) => Some("--allow-nonempty is not enough by itself"),
            (false, Some(_)) => Some("--confirm-host is not enough by itself"),
            (false, None) => None,
        };
        Some(Objection { host: host.to_owned(), seen: seen.join("; "), half })
    }

    /// Both words are asked for, so that neither habit nor a copied command line is enough.
    fn is_confirmed(&self, host: &str) -> bool {
        let same = |confirmed: &String| confirmed.trim().eq_ignore_ascii_case(host);
        self.allows_nonempty && self.confirmed_host.as_ref().is_some_and(same)
    }
}

/// Why nothing may be written to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Objection {
    host: String,
    seen: String,
    half: Option<&'static str>,
}

impl Objection {
    /// Returns why a case that would write was skipped.
    pub(crate) fn reason(&self) -> String {
        format!("the safety guard lets nothing be written to {}: {}", self.host, self.seen)
    }

    /// Returns what was found and how to go on.
    pub(crate) fn advice(&self) -> String {
        let Objection { host, half, .. } = self;
        let half = half.map(|half| format!("\n  {half}")).unwrap_or_default();
        format!(
            "{}{half}\n  \
             is it made for tests?      --sandbox, or `sandbox = true` under [target] beside its url in rehearsal.toml\n  \
             a few more test users?     --max-foreign-users N\n  \
             sure all the same?         --allow-nonempty --confirm-host {host}   (in CI REHEARSAL_ALLOW_NONEMPTY=true \
             and REHEARSAL_CONFIRM_HOST={host})",
            self.reason()
        )
    }
}

/// How many users a target holds before a run creates any.
enum Strangers {
    Known(u64),
    /// It does not say; a sentence says how that showed.
    Unknown(String),
}

async fn strangers(line: &Line) -> Strangers {
    let request = client::get(line.version, PROBE.to_owned());
    let reply = match line.transport.ask(&request).await {
        Ok(reply) => reply,
        Err(failure) => return Strangers::Unknown(failure.to_string()),
    };
    if reply.status != 200 {
        return Strangers::Unknown(format!("GET {PROBE} answered {}", reply.status));
    }
    let list: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    // A server that counts in text counts all the same.
    let total = list.get("totalResults").and_then(|total| total.to_string().trim_matches('"').parse::<u64>().ok());
    let shown = list.get("Resources").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    match total {
        Some(total) => Strangers::Known(total.max(shown)),
        None => Strangers::Unknown(format!("the answer to GET {PROBE} has no totalResults")),
    }
}

/// Tells whether a host can hold nobody's real people: this machine, a private network, or a name set aside for tests.
///
/// RFC 1918 and RFC 4193 for addresses, RFC 6761 for `.test` and `.localhost`, ICANN's resolution 2024.07.29.06 for
/// `.internal`.
fn is_green(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_private(),
        Ok(IpAddr::V6(address)) => is_green_v6(address),
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            let last = name.rsplit('.').next().unwrap_or_default();
            matches!(last, "test" | "localhost" | "internal")
        }
    }
}

fn is_green_v6(address: Ipv6Addr) -> bool {
    match address.to_ipv4_mapped() {
        Some(address) => address.is_loopback() || address.is_private(),
        None => address.is_loopback() || address.is_unique_local(),
    }
}

/// Returns the part of a name that says that real people are there.
fn production_word(host: &str) -> Option<&'static str> {
    let name = host.to_ascii_lowercase();
    let mut parts = name.split(['.', '-', '_']);
    parts.find_map(|part| PRODUCTION.into_iter().find(|word| *word == part))
}

/// Whole parts of names only: `live.example.com` says so, `olive.example.com` does not.
const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];

const PROBE: &str = "/Users?startIndex=1&count=1";

/// How many requests a second a server elsewhere gets.
const RATE: u32 = 5;

/// How many objects that this run did not create one list may show, where they are somebody's: three pages of Okta's.
pub(crate) const MOST_READ: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard { is_sandbox: false, most_strangers: 50, rate: None, allows_nonempty: false, confirmed_host: None }
    }

    fn target(host: &str) -> Target {
        Target::parse(&format!("https://{host}/scim/v2")).expect("a base URL")
    }

    #[test]
    fn a_host_is_green_by_its_name_or_its_own_address_alone() {
        for host in ["localhost", "LOCALHOST", "tenant.localhost", "scim.test", "scim.test.", "a.b.internal"] {
            assert!(is_green(host), "{host}");
        }
        for host in ["127.0.0.1", "127.9.8.7", "10.1.2.3", "172.31.0.1", "192.168.7.7", "[::1]", "[fd12::1]"] {
            assert!(is_green(host), "{host}");
        }
        for host in [
            "localhost.example.com",
            "latest",
            "scim-test.example.com",
            "internal.example.com",
            "172.32.0.1",
            "8.8.8.8",
            "169.254.169.254",
            "[2001:db8::1]",
            "[::ffff:8.8.8.8]",
            "127.0.0.1.nip.io",
            "0.0.0.0",
        ] {
            assert!(!is_green(host), "{host}");
        }
        assert!(is_green("[::ffff:127.0.0.1]"));
    }

    #[test]
    fn a_crowd_and_a_name_and_silence_are_objections_and_few_people_are_none() {
        let guard = guard();
        assert_eq!(guard.judge(&target("scim.example.com"), &Strangers::Known(50)), None);
        assert!(guard.judge(&target("scim.example.com"), &Strangers::Known(51)).is_some());
        assert!(guard.judge(&target("scim-prod.example.com"), &Strangers::Known(0)).is_some());
        assert_eq!(guard.judge(&target("olive.example.com"), &Strangers::Known(0)), None);
        assert!(guard.judge(&target("scim.example.com"), &Strangers::Unknown("it answered 500".into())).is_some());
    }

    #[test]
    fn an_objection_falls_only_to_both_words_with_the_very_host() {
        let (crowd, place) = (Strangers::Known(9_000), target("scim.example.com"));
        let with = |allows, host: Option<&str>| {
            let guard = Guard { allows_nonempty: allows, confirmed_host: host.map(str::to_owned), ..guard() };
            guard.judge(&place, &crowd)
        };
        assert_eq!(with(true, Some("SCIM.example.com")), None);
        for (allows, host) in [(true, None), (false, Some("scim.example.com")), (true, Some("example.com"))] {
            let objection = with(allows, host).expect("an objection");
            let advice = objection.advice();
            assert!(objection.half.is_some_and(|half| advice.contains(half)), "{advice}");
            assert!(advice.contains("9000 users") && advice.contains("--confirm-host scim.example.com"), "{advice}");
        }
    }

    #[test]
    fn only_servers_elsewhere_are_asked_slowly_unless_somebody_says_otherwise() {
        assert_eq!(guard().pace(&target("scim.example.com")), Some(Duration::from_millis(200)));
        assert_eq!(guard().pace(&target("127.0.0.1")), None);
        let hurried = Guard { rate: Some(0), ..guard() };
        assert_eq!(hurried.pace(&target("scim.example.com")), None);
        let patient = Guard { rate: Some(1), ..guard() };
        assert_eq!(patient.pace(&target("127.0.0.1")), Some(Duration::from_secs(1)));
    }
}
