//! Queries: filters, order, pages and searches by POST.

use serde_json::{Value, json};

use crate::client::{Client, ENTERPRISE, LIST, SEARCH, USER, ada};

#[tokio::test]
async fn an_empty_list_is_complete() {
    let client = Client::start(0, &[]).await;
    let empty = json!({ "schemas": [LIST], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [] });
    for target in
        ["/Users?startIndex=1&count=2", "/Groups?startIndex=1&count=100", "/Users?filter=userName%20eq%20%22x%22"]
    {
        let answer = client.get(target).await;
        assert_eq!((answer.status, &answer.json), (200, &empty), "{target}");
    }
}

#[tokio::test]
async fn pages_tile_the_list() {
    let client = Client::start(250, &[]).await;
    let mut seen = Vec::new();
    for start in [1, 101, 201, 301] {
        let page = client.get(&format!("/Users?startIndex={start}&count=100")).await;
        assert_eq!(page.json["totalResults"], 250);
        assert_eq!(page.json["startIndex"], start);
        assert_eq!(page.json["itemsPerPage"], page.each("id").len());
        seen.extend(page.each("id").into_iter().map(str::to_owned));
    }
    let whole = client.get("/Users?count=5000").await;
    assert_eq!(whole.each("id"), seen.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(client.get("/Users").await.json["itemsPerPage"], 100);
}

#[tokio::test]
async fn odd_paging_values_are_read_as_table_6_says() {
    let client = Client::start(5, &[]).await;
    let table = [
        ("startIndex=0", 5),
        ("startIndex=-5", 5),
        ("count=0", 0),
        ("count=-1", 0),
        ("startIndex=6", 0),
        ("count=99999999999999999999", 5),
    ];
    for (query, length) in table {
        let answer = client.get(&format!("/Users?{query}")).await;
        let counters = (&answer.json["totalResults"], answer.each("id").len());
        assert_eq!(counters, (&json!(5), length), "{query}");
    }
    client.get("/Users?count=abc").await.refused(400, "invalidValue");
    client.get("/Users?startIndex=1.5").await.refused(400, "invalidValue");
    assert_eq!(client.get("/Users?zzz=1&count=1").await.status, 200);
}

#[tokio::test]
async fn a_page_is_never_longer_than_the_limit() {
    let client = Client::start(1001, &[]).await;
    let page = client.get("/Users?count=5000&attributes=id").await;
    assert_eq!((page.each("id").len(), &page.json["totalResults"]), (1000, &json!(1001)));
}

/// What an index answers is what a scan answers.
#[tokio::test]
async fn indexes_and_scans_agree() {
    let client = Client::start(30, &[]).await;
    let mut body = ada("İstanbul.ΑΣ@example.com");
    body["externalId"] = "AbC".into();
    client.post("/Users", body).await;
    let names = client.get("/Users?count=50").await;
    for name in names.each("userName").into_iter().chain(["abc", "nobody"]) {
        for value in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
            for attribute in ["userName", "externalId", "displayName", "id"] {
                let index = format!("{attribute} eq {}", Value::from(value.clone()));
                let scan = format!("not (not ({index}))");
                let (index, scan) = (find(&client, &index).await, find(&client, &scan).await);
                assert_eq!(index, scan, "{attribute} {value}");
            }
        }
    }
}

async fn find(client: &Client, filter: &str) -> Vec<String> {
    let body = json!({ "schemas": [SEARCH], "filter": filter, "count": 1000, "attributes": ["userName"] });
    let answer = client.post("/Users/.search", body).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
    answer.each("userName").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn filters_select() {
    let client = Client::start(0, &[]).await;
    let mut one = ada("one");
    one["title"] = "Countess".into();
    one[ENTERPRISE] = json!({ "employeeNumber": "007" });
    client.post("/Users", one).await;
    let two = client.create("Two").await;
    client.patch(&two, json!([{ "op": "replace", "value": { "active": false } }])).await;
    let group = client.create_group("g", &[two.trim_start_matches("/Users/")]).await;
    let group = group.trim_start_matches("/Groups/");
    let table: &[(&str, &[&str])] = &[
        (r#"USERNAME EQ "ONE""#, &["one"]),
        (r#"userName eq "one" and active eq true"#, &["one"]),
        (r#"userName eq "one" and active eq false"#, &[]),
        (r#"userName eq "one" or userName eq "two""#, &["one", "Two"]),
        ("title pr", &["one"]),
        ("not (title pr)", &["Two"]),
        ("active eq false", &["Two"]),
        (r#"emails[type eq "work" and value co "@example.org"]"#, &["one", "Two"]),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "t""#, &["Two"]),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "007""#, &["one"]),
        (r#"meta.resourceType eq "User" and meta.created gt "2020-01-01T00:00:00Z""#, &["one", "Two"]),
        (r#"externalId eq "00U1A2B3C4D5E6F7G8H9""#, &[]),
        (&format!(r#"groups.value eq "{group}""#), &["Two"]),
        (r#"groups.type eq "direct""#, &["Two"]),
    ];
    for (filter, names) in table {
        assert_eq!(find(&client, filter).await, *names, "{filter}");
    }
    let plus = client.get("/Users?filter=userName+eq+%22one%22").await;
    assert_eq!(plus.each("userName"), ["one"]);
}

#[tokio::test]
async fn filters_that_make_no_sense_are_refused_for_an_empty_list_too() {
    let client = Client::start(0, &[]).await;
    for filter in [
        "",
        "userName",
        "eq%20%22x%22",
        "userName%20regex%20%22x%22",
        "nope%20pr",
        "active%20gt%20true",
        "userName%20eq%205",
    ] {
        client.get(&format!("/Users?filter={filter}")).await.refused(400, "invalidFilter");
    }
}

#[tokio::test]
async fn results_are_sorted() {
    let client = Client::start(0, &[]).await;
    for (name, title) in [("aB", Some("x")), ("ac", None), ("Aa", Some("y"))] {
        client.post("/Users", json!({ "schemas": [USER], "userName": name, "title": title })).await;
    }
    assert_eq!(client.get("/Users?sortBy=userName").await.each("userName"), ["Aa", "aB", "ac"]);
    assert_eq!(client.get("/Users?sortBy=title&sortOrder=descending").await.each("userName"), ["ac", "Aa", "aB"]);
    let page = client.get("/Users?sortBy=userName&sortOrder=descending&startIndex=2&count=1").await;
    assert_eq!((page.each("userName"), &page.json["totalResults"]), (vec!["aB"], &json!(3)));
    client.get("/Users?sortBy=name").await.refused(400, "invalidValue");
}

#[tokio::test]
async fn a_list_can_be_projected() {
    let client = Client::start(2, &[]).await;
    let page = client.get("/Users?attributes=userName,emails.value").await;
    let keys: Vec<_> = page.json["Resources"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["schemas", "id", "userName", "emails"]);
    let page = client.get("/Users?excludedAttributes=emails").await;
    assert_eq!(page.json["Resources"][0].get("emails"), None);
}

#[tokio::test]
async fn a_search_by_post_is_the_same_query() {
    let client = Client::start(5, &[]).await;
    let get = client.get("/Users?filter=userName%20co%20%22a%22&sortBy=userName&count=2&startIndex=2").await;
    let body = json!({ "schemas": [SEARCH], "filter": "userName co \"a\"", "sortBy": "userName", "count": 2, "startIndex": 2 });
    let post = client.post("/Users/.search", body).await;
    assert_eq!((post.status, post.json), (200, get.json));
    client.post("/Users/.search", json!({ "filter": "userName pr" })).await.refused(400, "invalidSyntax");
    client
        .post("/Users/.search", json!({ "schemas": [SEARCH], "filter": "userName eq" }))
        .await
        .refused(400, "invalidFilter");
}

#[tokio::test]
async fn a_query_of_the_root_covers_every_kind() {
    let client = Client::start(2, &[]).await;
    client.create_group("Amara Abara", &[]).await;
    let kinds = |answer: &crate::client::Answer| -> Vec<String> {
        let resources = answer.json["Resources"].as_array().unwrap().clone();
        resources.iter().map(|resource| resource["meta"]["resourceType"].as_str().unwrap().to_owned()).collect()
    };
    let offered = ["Role", "Role", "Role", "Entitlement", "Entitlement", "Entitlement"];
    assert_eq!(kinds(&client.get("/").await), [&["User", "User", "Group"][..], &offered].concat());
    let table: &[(&str, &[&str])] = &[
        ("meta.resourceType eq \"Group\"", &["Group"]),
        ("displayName eq \"amara abara\"", &["User", "Group"]),
        ("userName pr", &["User", "User"]),
        ("not (userName pr) and not (description pr)", &["Group"]),
        ("userName pr or members.value pr", &["User", "User"]),
        ("displayName sw \"editor\"", &["Role"]),
    ];
    for (filter, wanted) in table {
        let answer = client.post("/.search", json!({ "schemas": [SEARCH], "filter": filter })).await;
        assert_eq!(kinds(&answer), *wanted, "{filter}");
    }
    client.post("/.search", json!({ "schemas": [SEARCH], "filter": "nope pr" })).await.refused(400, "invalidFilter");
}
