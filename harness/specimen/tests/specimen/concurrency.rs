//! Requests at the same time: <https://github.com/fleetdm/fleet/issues/50724> is a server that lost members that way.

use std::sync::Arc;

use serde_json::json;

use crate::client::Client;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn patches_to_one_group_at_the_same_time_lose_nothing() {
    let client = Arc::new(Client::start(40, &[]).await);
    let people = client.get("/Users?count=40").await;
    let ids: Vec<String> = people.each("id").into_iter().map(str::to_owned).collect();
    let group = client.create_group("Everybody", &[]).await;
    let (left, right) = ids.split_at(20);
    let add = |ids: &[String]| {
        let (client, group, ids) = (client.clone(), group.clone(), ids.to_vec());
        tokio::spawn(async move {
            for id in ids {
                let operation = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
                assert_eq!(client.patch(&group, operation).await.status, 200);
            }
        })
    };
    let (one, two) = (add(left), add(right));
    one.await.unwrap();
    two.await.unwrap();
    let members = client.get(&group).await.json["members"].as_array().unwrap().len();
    assert_eq!(members, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_creates_of_one_name_at_the_same_time_one_succeeds() {
    let client = Arc::new(Client::start(0, &[]).await);
    let create = || {
        let client = client.clone();
        tokio::spawn(async move { client.post("/Users", crate::client::ada("ada")).await.status })
    };
    let tasks: Vec<_> = (0..10).map(|_| create()).collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 9, "{statuses:?}");
}

#[tokio::test]
async fn a_dropped_specimen_stops_listening() {
    let mut client = Client::start(0, &[]).await;
    let url = format!("{}/Users", client.specimen.base_url);
    assert_eq!(client.get("/Users").await.status, 200);
    let other = Client::start(0, &[]).await;
    client.specimen = other.specimen;
    for _ in 0..100 {
        if client.http.get(&url).send().await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the specimen still answers");
}

#[tokio::test]
async fn stop_waits_until_the_specimen_has_stopped() {
    let client = Client::start(0, &[]).await;
    let url = format!("{}/Users", client.specimen.base_url);
    assert_eq!(client.get("/Users").await.status, 200);
    client.specimen.stop().await.unwrap();
    assert!(client.http.get(&url).send().await.is_err());
}
