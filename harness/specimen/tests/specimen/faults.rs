//! Every fault changes the behaviour it names, and the same probe finds nothing wrong without it.

use scim_specimen::Fault;
use serde_json::{Value, json};

use crate::client::{Answer, Client, LIST, USER, ada};

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_seen_by_a_probe_that_a_correct_specimen_passes() {
    let mut wrong = Vec::new();
    for fault in Fault::ALL {
        if !is_right(*fault, &Client::start(3, &[]).await).await {
            wrong.push(format!("{fault}: the probe fails without the fault"));
        }
        if is_right(*fault, &Client::start(3, &[*fault]).await).await {
            wrong.push(format!("{fault}: the probe does not see the fault"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn faults_add_up() {
    let client =
        Client::start(0, &[Fault::CountersAreStrings, Fault::EmptyListHasNoResources, Fault::ErrorsAsPlainText]).await;
    let list = client.get("/Users").await.json;
    assert_eq!(list["totalResults"], "0");
    assert_eq!(list.get("Resources"), None);
    assert_eq!(client.get("/Users/nobody").await.header("content-type"), "text/plain; charset=utf-8");
}

/// Tells whether the specimen behaves correctly in the one respect that a fault is about.
async fn is_right(fault: Fault, client: &Client) -> bool {
    use Fault::*;
    match fault {
        AnyTokenAccepted => stranger(client).await.status == 401,
        UnauthorizedWithoutScimError => stranger(client).await.is_error(401),
        ErrorsAsPlainText | ErrorsAsHtml | ErrorsWithoutSchemas | ErrorsWithoutDetail | ErrorsWithoutStatus
        | UnknownIdIs500 | UnknownIdIs200 => client.get("/Users/nobody").await.is_error(404),

        LookupMissIs404 => client.lookup("nobody@example.org").await.status == 200,
        EmptyListHasNoResources | EmptyListIsEmptyBody | EmptyListIsNull | EmptyListIsBareArray => {
            client.get("/Groups?startIndex=1&count=100").await.json["Resources"] == json!([])
        }
        ListsAreHtml => {
            client.get("/Users?startIndex=1&count=2").await.header("content-type") == "application/scim+json"
        }
        ListsWithoutSchemas => client.get("/Users").await.json["schemas"] == json!([LIST]),
        CountersAreStrings => client.get("/Users").await.json["totalResults"] == 3,
        TotalResultsIsPageSize => client.get("/Users?count=1").await.json["totalResults"] == 3,
        CountIgnored => client.get("/Users?count=1").await.each("id").len() == 1,
        ItemsPerPageEchoesCount => client.get("/Users?startIndex=101&count=100").await.json["itemsPerPage"] == 0,
        StartIndexIsZeroBased => {
            let (all, first) = (client.get("/Users").await, client.get("/Users?startIndex=1&count=1").await);
            all.each("id").first() == first.each("id").first()
        }
        FilterIgnored => client.lookup("nobody@example.org").await.json["totalResults"] == 0,
        FilterComparesWithId => found_after_create(client, "ada@example.com").await,
        FilterComparesWithEmail => found_after_create(client, "ada@example.com").await,
        FilterRefusesPaging => client.lookup("nobody").await.status == 200,
        FilterKeepsPercentEncoding => found_after_create(client, "ada@example.com").await,
        LookupHidesInactive => {
            let user = client.create("ada").await;
            client.patch(&user, deactivate()).await;
            client.lookup("ada").await.json["totalResults"] == 1
        }
        RenamedUserKeepsOldLookup => {
            let user = client.create("before").await;
            client.put(&user, ada("after")).await;
            let found = (client.lookup("before").await, client.lookup("after").await);
            found.0.json["totalResults"] == 0 && found.1.json["totalResults"] == 1
        }
        GroupsListIs500 => client.get("/Groups?startIndex=1&count=100").await.status == 200,

        CreateAnswers200 | ScimJsonRefused | CreateRefusesEmptyGroups => {
            client.post("/Users", ada("ada")).await.status == 201
        }
        CreateAnswersEmptyBody => !client.post("/Users", ada("ada")).await.text.is_empty(),
        CreateAnswerLacksSchemas => client.post("/Users", ada("ada")).await.json["schemas"] == json!([USER]),
        CreateAnswerLacksId => !client.post("/Users", ada("ada")).await.id().is_empty(),
        CreateIsNotStored => created(client, "ada").await["userName"] == "ada",
        CreateLowerCasesUserName => created(client, "Ada").await["userName"] == "Ada",
        CreateLacksActive => created(client, "ada").await["active"] == true,
        CreateLosesEmails => created(client, "ada").await["emails"][0]["type"] == "work",
        CreateLosesFamilyName => created(client, "ada").await["name"]["familyName"] == "Byron",
        DuplicateAnswers201 | DuplicateAnswers400 | DuplicateAnswers500 => {
            client.create("ada").await;
            client.post("/Users", ada("ADA")).await.is_error(409)
        }
        DuplicateOverwrites => {
            let first = client.create("ada").await;
            let mut second = ada("ada");
            second["title"] = "Impostor".into();
            client.post("/Users", second).await.status == 409 && client.get(&first).await.json.get("title").is_none()
        }
        PlainJsonRefused => {
            let answer = client.with(("content-type", "application/json"), "POST", "/Users", ada("ada")).await;
            answer.status == 201
        }
        ScimJsonNotAcceptable => client.get("/Users?startIndex=1&count=2").await.status == 200,
        NonAsciiIs500 => {
            let mut body = ada("zoe");
            body["name"]["givenName"] = "Zoë".into();
            client.post("/Users", body).await.status == 201
        }
        PasswordEchoed => {
            let answer = client.post("/Users", ada("ada")).await;
            let read = client.get(&format!("/Users/{}", answer.id())).await;
            !answer.text.contains("1mz050nq") && !read.text.contains("1mz050nq")
        }

        PutNotRouted | PutConflictsWithItself => {
            let user = client.create("ada").await;
            client.put(&user, ada("ada")).await.status == 200
        }
        PutChangesId => {
            let user = client.create("ada").await;
            let answer = client.put(&user, ada("ada")).await;
            user.ends_with(answer.id()) && client.get(&user).await.status == 200
        }
        PutIgnoresActive => update(client, "active", json!(false)).await["active"] == false,
        PutIgnoresProfile | PutIsNotStored => {
            update(client, "displayName", json!("Countess")).await["displayName"] == "Countess"
        }
        PutRefusesReadOnly => {
            let user = client.create("ada").await;
            let body = client.get(&user).await.json;
            client.put(&user, body).await.status == 200
        }
        PutWipesEmails => update(client, "title", json!("Countess")).await["emails"][0]["type"] == "work",

        PatchNotImplemented | PathlessPatchIs500 | PatchBreaksConnection => {
            let user = client.create("ada").await;
            matches!(client.patch(&user, deactivate()).await.status, 200 | 204)
        }
        PathlessPatchIgnored | PatchAnswerLies => deactivated(client).await["active"] == false,
        PathlessPatchReplacesResource | DeactivationWipesProfile => {
            let user = deactivated(client).await;
            user["active"] == false && user["name"]["familyName"] == "Byron"
        }
        PatchEchoesRequest => {
            let user = client.create("ada").await;
            client.patch(&user, deactivate()).await.json["schemas"] == json!([USER])
        }

        DeactivatedUserIs404 => deactivated(client).await["userName"] == "ada",
        DeactivationDeletes => {
            let user = client.create("ada").await;
            client.patch(&user, deactivate()).await;
            client.lookup("ada").await.json["totalResults"] == 1
        }
        ReactivationRefused | ReactivationIgnored => {
            let user = client.create("ada").await;
            client.patch(&user, deactivate()).await;
            let answer = client.patch(&user, json!([{ "op": "replace", "value": { "active": true } }])).await;
            answer.status == 200 && client.get(&user).await.json["active"] == true
        }
    }
}

async fn stranger(client: &Client) -> Answer {
    client.with(("authorization", "non-token"), "GET", "/Users", Value::Null).await
}

async fn found_after_create(client: &Client, user_name: &str) -> bool {
    client.create(user_name).await;
    client.lookup(user_name).await.each("userName") == [user_name]
}

/// Returns a user as read after the create.
async fn created(client: &Client, user_name: &str) -> Value {
    let user = client.create(user_name).await;
    client.get(&user).await.json
}

/// Returns a user as read after a PUT that changes one attribute.
async fn update(client: &Client, name: &str, value: Value) -> Value {
    let user = client.create("ada").await;
    let mut body = client.get(&user).await.json;
    body[name] = value;
    client.put(&user, body).await;
    client.get(&user).await.json
}

/// Returns a user as read after Okta's deactivation.
async fn deactivated(client: &Client) -> Value {
    let user = client.create("ada").await;
    client.patch(&user, deactivate()).await;
    client.get(&user).await.json
}

fn deactivate() -> Value {
    json!([{ "op": "replace", "value": { "active": false } }])
}
