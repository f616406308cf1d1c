//! A hundred thousand people, read with flat memory.

use mock_okta::import::{Import, ImportSettings, Known, Noted, Retained, Scope, Seen, Verdict};
use mock_okta::{App, AppKind, Outcome};

use crate::support::{drive, page_of, user};

const EVERYBODY: usize = 100_000;
const KNOWN: usize = 10_000;

/// The most an import may hold: what it knew, two numbers for each id, one page, and some examples.
fn assert_bounded(retained: Retained, scanned: u64) {
    assert_eq!(retained.known, KNOWN);
    assert_eq!(retained.ids as u64, scanned);
    assert!(retained.page <= 100, "{retained:?}");
    assert!(retained.examples <= 10 * Noted::<()>::EXAMPLES, "{retained:?}");
}

#[test]
fn memory_stays_flat_over_a_hundred_thousand_users() {
    let mut known = Known::default();
    for n in 0..KNOWN {
        known.push(&format!("u{n}"), true, |_| None);
    }
    let app = App::new(AppKind::Catalog);
    let (mut import, step) = Import::start(&app, Scope::Users, ImportSettings::default(), known);
    let (mut pages, mut new) = (0, 0);
    // Every hundredth is inactive, so that examples are dropped as well.
    let server = |n: usize| user(&format!("u{n}"), "Ada", n < KNOWN || !n.is_multiple_of(100));
    let outcome = drive(
        &mut import,
        step,
        |request| page_of(request, EVERYBODY, server),
        |import, _| {
            pages += 1;
            assert_bounded(import.retained(), import.report().users.counters.scanned);
            new += import
                .take_seen()
                .iter()
                .filter(|seen| matches!(seen, Seen::User { verdict: Verdict::New, .. }))
                .count();
            assert_eq!(import.retained().page, 0);
        },
    );
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    let report = import.report();
    assert_eq!((pages, report.users.counters.scanned, new), (1_000, 100_000, 89_100));
    assert_eq!((report.users.inactive.count(), report.users.inactive.examples().len()), (900, 20));
    assert_eq!(import.into_known().users(), KNOWN);
}

#[test]
fn what_is_not_taken_is_forgotten_with_the_next_page() {
    let app = App::new(AppKind::Catalog);
    let (mut import, step) = Import::start(&app, Scope::Users, ImportSettings::default(), Known::default());
    let listed = |n: usize| user(&format!("u{n}"), "Ada", true);
    drive(
        &mut import,
        step,
        |request| page_of(request, 1_000, listed),
        |import, _| {
            assert_eq!(import.retained().page, 100);
        },
    );
}

#[test]
fn a_server_that_never_ends_is_left() {
    let app = App::new(AppKind::Catalog);
    let settings = ImportSettings { most_pages: 50, ..ImportSettings::default() };
    let (mut import, step) = Import::start(&app, Scope::Users, settings, Known::default());
    let listed = |n: usize| user(&format!("u{n}"), "Ada", true);
    let mut pages = 0;
    let outcome = drive(&mut import, step, |request| page_of(request, usize::MAX / 2, listed), |_, _| pages += 1);
    assert!(matches!(&outcome, Outcome::Task { message } if message.contains("does not end")), "{outcome:?}");
    assert_eq!(pages, 50);
}
