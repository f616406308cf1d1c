//! Paging with cursors (RFC 9865).

use std::time::Duration;

use scim_specimen::Config;
use serde_json::{Value, json};

use crate::client::{Client, SEARCH};

/// Reads from the first page to the last and returns the ids.
async fn walk(client: &Client, target: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{target}&cursor={cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(page.json.get("startIndex"), None);
        assert_eq!(page.json["itemsPerPage"], page.each("id").len());
        assert_eq!(page.json.get("previousCursor").is_some(), !ids.is_empty());
        ids.extend(page.each("id").into_iter().map(str::to_owned));
        match page.json.get("nextCursor") {
            Some(next) => cursor = next.as_str().unwrap().to_owned(),
            None => return ids,
        }
        assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{cursor}");
    }
}

#[tokio::test]
async fn cursors_lead_through_the_whole_result_in_its_order() {
    let client = Client::start(25, &[]).await;
    for query in ["count=10", "count=25", "count=7&sortBy=userName&sortOrder=descending", "count=4&filter=title%20pr"] {
        let all = client.get(&format!("/Users?{}", query.split_once('&').map_or("", |(_, rest)| rest))).await;
        assert_eq!(walk(&client, &format!("/Users?{query}")).await, all.each("id"), "{query}");
    }
    assert_eq!(
        walk(&client, "/?count=9").await.len(),
        client.get("/").await.json["totalResults"].as_u64().unwrap() as usize
    );
}

#[tokio::test]
async fn the_first_page_is_asked_for_with_an_empty_cursor_and_without_one_by_index() {
    let client = Client::start(3, &[]).await;
    let (bare, empty) = (client.get("/Users?cursor&count=2").await, client.get("/Users?cursor=&count=2").await);
    assert_eq!(bare.each("id"), empty.each("id"));
    assert!(bare.json.get("nextCursor").is_some() && bare.json.get("previousCursor").is_none());
    let by_index = client.get("/Users?count=2").await;
    assert_eq!(by_index.json["startIndex"], 1);
    assert_eq!(by_index.json.get("nextCursor"), None);
    let nothing = client.get("/Users?cursor&count=-1").await;
    assert_eq!((nothing.json["totalResults"].as_u64(), nothing.each("id").len()), (Some(3), 0));
    assert_eq!(nothing.json.get("nextCursor"), None);
}

#[tokio::test]
async fn a_cursor_leads_back_too() {
    let client = Client::start(5, &[]).await;
    let first = client.get("/Users?cursor&count=2").await;
    let second = client.get(&format!("/Users?count=2&cursor={}", first.json["nextCursor"].as_str().unwrap())).await;
    let again = client.get(&format!("/Users?count=2&cursor={}", second.json["previousCursor"].as_str().unwrap())).await;
    assert_eq!(again.each("id"), first.each("id"));
    assert_eq!(again.json.get("previousCursor"), None);
}

#[tokio::test]
async fn nobody_is_lost_or_met_twice_while_others_come_and_go() {
    let client = Client::start(6, &[]).await;
    let first = client.get("/Users?cursor&count=3").await;
    for id in first.each("id") {
        client.delete(&format!("/Users/{id}")).await;
    }
    client.create("late").await;
    let second = client.get(&format!("/Users?count=3&cursor={}", first.json["nextCursor"].as_str().unwrap())).await;
    assert_eq!(second.each("userName").len(), 3);
    assert!(second.each("id").iter().all(|id| !first.each("id").contains(id)));
    let third = client.get(&format!("/Users?count=3&cursor={}", second.json["nextCursor"].as_str().unwrap())).await;
    assert_eq!(third.each("userName"), ["late"]);
}

#[tokio::test]
async fn wrong_cursors_counts_and_mixtures_are_refused() {
    let client = Client::start(5, &[]).await;
    let first = client.get("/Users?cursor&count=2").await;
    let cursor = first.json["nextCursor"].as_str().unwrap();
    client.get("/Users?cursor=garbage").await.refused(400, "invalidCursor");
    client.get(&format!("/Groups?count=2&cursor={cursor}")).await.refused(400, "invalidCursor");
    client.get(&format!("/Users?count=2&filter=title%20pr&cursor={cursor}")).await.refused(400, "invalidCursor");
    client.get(&format!("/Users?count=3&cursor={cursor}")).await.refused(400, "invalidCount");
    client.get(&format!("/Users?startIndex=3&cursor={cursor}")).await.refused(400, "invalidValue");
    assert_eq!(client.get(&format!("/Users?cursor={cursor}")).await.each("id").len(), 2);
}

#[tokio::test]
async fn cursors_grow_old() {
    let config = Config { users: 5, cursor_timeout: Duration::from_millis(1), ..Config::default() };
    let client = Client::start_with(config).await;
    let first = client.get("/Users?cursor&count=2").await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let late = client.get(&format!("/Users?count=2&cursor={}", first.json["nextCursor"].as_str().unwrap())).await;
    late.refused(400, "expiredCursor");
}

#[tokio::test]
async fn a_search_takes_cursors_and_the_service_provider_says_so() {
    let client = Client::start(5, &[]).await;
    let search =
        |cursor: Value| client.post("/Users/.search", json!({ "schemas": [SEARCH], "cursor": cursor, "count": 3 }));
    let first = search(json!("")).await;
    let second = search(first.json["nextCursor"].clone()).await;
    assert_eq!((first.each("id").len(), second.each("id").len()), (3, 2));
    assert_eq!(second.json.get("nextCursor"), None);
    let offered = client.get("/ServiceProviderConfig").await.json["pagination"].clone();
    assert_eq!(offered["cursor"], true);
    assert_eq!(offered["index"], true);
    assert_eq!(offered["defaultPaginationMethod"], "index");
}
