//! A large directory: a page costs the same wherever it is.

use std::time::{Duration, Instant};

use crate::client::Client;

#[tokio::test]
async fn the_last_page_costs_what_the_first_one_does() {
    let people = 20_000;
    let client = Client::start(people, &[]).await;
    let time = async |start_index: usize| {
        let mut fastest = Duration::MAX;
        for _ in 0..5 {
            let started = Instant::now();
            let page = client.get(&format!("/Users?startIndex={start_index}&count=100")).await;
            fastest = fastest.min(started.elapsed());
            assert_eq!(page.each("id").len(), 100);
            assert_eq!(page.json["totalResults"], people);
        }
        fastest
    };
    let (first, last) = (time(1).await, time(people - 99).await);
    // The fastest of some is a steady measure; a cost that grew with the position would be a hundredfold.
    assert!(last < first * 5 + Duration::from_millis(20), "first {first:?}, last {last:?}");
}

#[tokio::test]
async fn pages_tile_a_large_directory() {
    let people = 1050;
    let client = Client::start(people, &[]).await;
    let mut seen = std::collections::HashSet::new();
    for start_index in (1..).step_by(100) {
        let page = client.get(&format!("/Users?startIndex={start_index}&count=100")).await;
        let ids = page.each("id");
        assert_eq!(page.json["itemsPerPage"], ids.len());
        if ids.is_empty() {
            break;
        }
        assert!(ids.iter().all(|id| seen.insert((*id).to_owned())), "the page at {start_index} repeats somebody");
    }
    assert_eq!(seen.len(), people);
}
