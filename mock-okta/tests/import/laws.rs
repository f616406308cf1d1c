//! What holds for every list and whatever a service provider answers.

use mock_okta::import::{
    Counters, Discovery, DiscoveryGoal, Import, ImportEnd, ImportSettings, Known, Scope, Seen, StopRule,
};
use mock_okta::{App, AppKind, Outcome, Request, Response, Step};
use proptest::prelude::*;

use crate::support::{drive, group, page_of, user};

/// A person in the app, and what Okta holds of them.
#[derive(Debug, Clone)]
struct Someone {
    known: bool,
    present: bool,
    active: bool,
    renamed: bool,
}

fn people() -> impl Strategy<Value = Vec<Someone>> {
    let someone =
        any::<[bool; 4]>().prop_map(|[known, present, active, renamed]| Someone { known, present, active, renamed });
    proptest::collection::vec(someone, 0..40)
}

fn known(people: &[Someone]) -> Known {
    let mut known = Known::default();
    for (n, _) in people.iter().enumerate().filter(|(_, someone)| someone.known) {
        known.push(&format!("u{n}"), true, |path| {
            Some(match path.to_string().as_str() {
                "name.givenName" => "Ada".to_owned(),
                "name.familyName" => "Byron".to_owned(),
                // What the list does not have is no change.
                "displayName" | "locale" => "kept by Okta".to_owned(),
                _ => format!("u{n}@example.test"),
            })
        });
    }
    known
}

/// Without a safeguard, and with nobody but those in `people`.
fn import(people: &[Someone], settings: ImportSettings) -> Import {
    let listed: Vec<String> = people
        .iter()
        .enumerate()
        .filter(|(_, someone)| someone.present)
        .map(|(n, someone)| user(&format!("u{n}"), if someone.renamed { "Augusta" } else { "Ada" }, someone.active))
        .collect();
    let settings = ImportSettings { app_safeguard: None, ..settings };
    let (mut import, step) = Import::start(&App::new(AppKind::Catalog), Scope::Everything, settings, known(people));
    let server = |request: &Request| match request.target.starts_with("/Users") {
        true => page_of(request, listed.len(), |n| listed[n].clone()),
        false => page_of(request, 1, |_| group("g", &["u0"])),
    };
    let outcome = drive(&mut import, step, server, |_, _| {});
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    import
}

proptest! {
    #[test]
    fn any_partition_into_pages_gives_the_same_counters(people in people(), count in 1_u32..50, until_empty in any::<bool>()) {
        let stop = if until_empty { StopRule::EmptyPage } else { StopRule::TotalResults };
        let whole = import(&people, ImportSettings::default());
        let parted = import(&people, ImportSettings { count, stop, ..ImportSettings::default() });
        prop_assert_eq!(whole.report().users.counters, parted.report().users.counters);
        prop_assert_eq!(whole.report().groups.counters, parted.report().groups.counters);
        prop_assert!(parted.report().users.paging.is_sound());
        prop_assert!(whole.removals().eq(parted.removals()));
    }

    #[test]
    fn the_counters_add_up(people in people()) {
        let import = import(&people, ImportSettings::default());
        let count = |of: fn(&Someone) -> bool| people.iter().filter(|someone| of(someone)).count() as u64;
        let expected = Counters {
            scanned: count(|one| one.present),
            new: count(|one| one.present && !one.known && one.active),
            updated: count(|one| one.present && one.known && one.active && one.renamed),
            unchanged: count(|one| one.present && one.known && one.active && !one.renamed),
            removed: count(|one| one.known && !(one.present && one.active)),
        };
        prop_assert_eq!(import.report().users.counters, expected);
        prop_assert_eq!(import.report().users.inactive.count(), count(|one| one.present && !one.known && !one.active));
        prop_assert_eq!(import.removals().count() as u64, expected.removed);
        let left = import.into_known();
        prop_assert_eq!(left.users() as u64, expected.updated + expected.unchanged);
    }

    #[test]
    fn the_same_list_a_second_time_changes_nothing(people in people()) {
        let first = import(&people, ImportSettings::default());
        let (mut again, step) =
            Import::start(&App::new(AppKind::Catalog), Scope::Everything, ImportSettings::default(), first.into_known());
        let listed: Vec<String> = people
            .iter()
            .enumerate()
            .filter(|(_, one)| one.known && one.present && one.active)
            .map(|(n, one)| user(&format!("u{n}"), if one.renamed { "Augusta" } else { "Ada" }, true))
            .collect();
        drive(&mut again, step, |request| match request.target.starts_with("/Users") {
            true => page_of(request, listed.len(), |n| listed[n].clone()),
            false => page_of(request, 1, |_| group("g", &["u0"])),
        }, |_, _| {});
        let Counters { scanned, unchanged, .. } = again.report().users.counters;
        prop_assert_eq!((scanned, unchanged), (listed.len() as u64, listed.len() as u64));
        prop_assert_eq!(again.report().groups.counters.unchanged, 1);
        prop_assert!(again.report().users.order.is_empty());
    }

    #[test]
    fn whatever_is_answered_an_import_ends_without_a_panic(
        answers in proptest::collection::vec(response(), 1..8),
        scope in proptest::sample::select(vec![Scope::Everything, Scope::Users, Scope::Groups]),
        count in 0_u32..3,
        until_empty in any::<bool>(),
    ) {
        let stop = if until_empty { StopRule::EmptyPage } else { StopRule::TotalResults };
        let settings = ImportSettings { count, stop, most_pages: 20, ..ImportSettings::default() };
        let mut known = Known::default();
        known.push("7", true, |_| None);
        let (mut import, step) = Import::start(&App::new(AppKind::Catalog), scope, settings, known);
        let requests = ask_in_turn(&mut import, step, &answers);
        prop_assert!(requests <= 2 * 20 * MOST_ATTEMPTS, "{requests} requests");
        prop_assert!(import.report().end != ImportEnd::Running);
        let Counters { scanned, new, updated, unchanged, .. } = import.report().users.counters;
        prop_assert!(new + updated + unchanged <= scanned);
        if import.report().end == ImportEnd::Failed {
            prop_assert_eq!((import.removals().count(), import.into_known().users()), (0, 1));
        }
    }

    #[test]
    fn whatever_is_answered_a_discovery_ends_and_stays_below_the_base_url(
        answers in proptest::collection::vec(response(), 1..8),
        schema in any::<bool>(),
    ) {
        let goal = if schema { DiscoveryGoal::UserSchema } else { DiscoveryGoal::Entitlements };
        let settings = ImportSettings { count: 2, most_pages: 20, ..ImportSettings::default() };
        let (mut discovery, step) = Discovery::start(&App::new(AppKind::Catalog), goal, settings);
        let requests = ask_in_turn(&mut discovery, step, &answers);
        prop_assert!(requests <= (2 + 3 * 20) * MOST_ATTEMPTS, "{requests} requests");
    }
}

/// How often one request is sent to a server that answers 429.
const MOST_ATTEMPTS: usize = 10;

/// Gives the answers over and over and returns how many requests there were.
fn ask_in_turn<F: crate::support::Asks>(flow: &mut F, step: Step, answers: &[Response]) -> usize {
    let mut requests = 0;
    drive(
        flow,
        step,
        |request| {
            assert!(request.target.starts_with('/') && !request.target.starts_with("//"), "{}", request.target);
            assert!(request.target.is_ascii() && !request.target.contains([' ', '"', '#', '\\']), "{}", request.target);
            requests += 1;
            answers[(requests - 1) % answers.len()].clone()
        },
        |_, _| {},
    );
    requests
}

/// Answers from noise to almost right, so that flows get beyond their first page.
fn response() -> impl Strategy<Value = Response> {
    let status = prop_oneof![12 => Just(200), 1 => Just(404), 1 => Just(429), 1 => any::<u16>()];
    let body = prop_oneof![
        1 => proptest::collection::vec(any::<u8>(), 0..64),
        1 => "\\PC{0,40}".prop_map(String::into_bytes),
        1 => Just("[".repeat(100_000).into_bytes()),
        1 => Just(Vec::new()),
        8 => almost_a_list().prop_map(String::into_bytes),
    ];
    (status, ".{0,20}", body).prop_map(|(status, reason, body)| Response::new(status, reason, body))
}

fn almost_a_list() -> impl Strategy<Value = String> {
    let counter = || {
        proptest::sample::select(vec!["0", "1", "2", "3", "1000000", "-1", r#""1""#, "1e400", "9223372036854775807"])
    };
    (counter(), counter(), proptest::collection::vec(entry(), 0..4)).prop_map(|(total, start, entries)| {
        format!(r#"{{"totalResults":{total},"startIndex":{start},"Resources":[{}]}}"#, entries.join(","))
    })
}

fn entry() -> impl Strategy<Value = String> {
    let odd = || {
        proptest::sample::select(vec![
            "null",
            "7",
            r#""x""#,
            r#""""#,
            "[]",
            "{}",
            "[null]",
            r#"[{"primary":true,"value":"v"}]"#,
            "true",
        ])
    };
    let id = proptest::sample::select(vec![r#""7""#, r#""8""#, "7", r#""..""#, "null", r#""é\n""#]);
    let endpoint = proptest::sample::select(vec!["/Roles", "Roles", "//x", "/..", "https://x", "/é", "", "/a/b"]);
    let urn = proptest::sample::select(vec![
        "urn:okta:scim:schemas:core:1.0:Role",
        "urn:okta:scim:schemas:core:1.0:Entitlement",
        "urn:ietf:params:scim:schemas:core:2.0:User",
    ]);
    (id, odd(), odd(), odd(), endpoint, urn).prop_map(|(id, one, two, three, endpoint, urn)| {
        format!(
            r#"{{"schemas":["s"],"id":{id},"userName":{one},"name":{{"givenName":{two},"familyName":"x"}},"emails":{three},"active":{two},"displayName":{one},"members":{three},"type":{two},"endpoint":"{endpoint}","schema":"{urn}","schemaExtensions":{three},"attributes":{three}}}"#
        )
    })
}

#[test]
fn nothing_seen_is_handed_over_twice() {
    let listed = |n: usize| user(&format!("u{}", n % 3), "Ada", true);
    let settings = ImportSettings { count: 2, ..ImportSettings::default() };
    let (mut import, step) = Import::start(&App::new(AppKind::Catalog), Scope::Users, settings, Known::default());
    let mut ids = Vec::new();
    drive(
        &mut import,
        step,
        |request| page_of(request, 5, listed),
        |import, _| {
            ids.extend(import.take_seen().into_iter().map(|seen| match seen {
                Seen::User { user, .. } => user.id,
                Seen::Group { group, .. } => group.id,
            }));
        },
    );
    assert_eq!(ids, ["u0", "u1", "u2"]);
    assert_eq!((import.report().users.paging.duplicates.count(), import.report().users.paging.missing()), (2, 2));
}
