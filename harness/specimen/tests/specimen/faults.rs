//! Every fault changes the behaviour it names, and the same probe finds nothing wrong without it.

use std::time::{Duration, Instant};

use scim_specimen::Fault;
use serde_json::{Value, json};

use crate::client::{Answer, CORE, Client, ENTERPRISE, GROUP, LIST, USER, ada};

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_seen_by_a_probe_that_a_correct_specimen_passes() {
    let mut wrong = Vec::new();
    let client = Client::start(0, &[]).await;
    // Those of the RFCs are looked for by the tour.
    let okta = |fault: &&Fault| !matches!(fault, Fault::Rfc(_));
    for fault in Fault::faults().iter().chain(Fault::quirks()).filter(okta) {
        if !is_right(*fault, &client.another(3, &[]).await).await {
            wrong.push(format!("{fault}: the probe fails without the fault"));
        }
        if is_right(*fault, &client.another(3, &[*fault]).await).await {
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
        Rfc(_) => unreachable!("those of the RFCs are looked for by the tour"),
        AnyTokenAccepted => stranger(client).await.status == 401,
        MissingTokenAccepted => client.with(("authorization", ""), "GET", "/Users", Value::Null).await.status == 401,
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

        LookupIsCaseSensitive => {
            client.create("Ada@example.com").await;
            client.lookup("aDA@EXAMPLE.com").await.json["totalResults"] == 1
        }
        FilterWordsAreCaseSensitive => client.get("/Users?filter=USERNAME%20EQ%20%22ada%22").await.status == 200,
        PlusIsNoSpace => client.get("/Users?filter=userName+eq+%22ada%22").await.status == 200,
        EncodedPlusIsASpace => {
            client.create("ada+test").await;
            client.lookup("ada%2Btest").await.each("userName") == ["ada+test"]
        }
        CreateLosesExternalId => created(client, "ada").await["externalId"] == "00u1a2b3c4d5e6f7g8h9",
        EqualEmailConflicts => {
            client.create("ada").await;
            client.post("/Users", ada("annabella")).await.status == 201
        }
        UserNameHasToBeAnEmail => client.post("/Users", ada("e4711")).await.status == 201,
        UnknownManagerIs404 => {
            let mut body = ada("ada@example.com");
            body[ENTERPRISE] = json!({ "manager": { "value": "nobody" } });
            client.post("/Users", body).await.status == 201
        }
        EmptyValueRefused => update(client, "displayName", json!("")).await["displayName"] == "",

        UnstableOrder | PagesOverlap | PagesGap => {
            let all = client.get("/Users?startIndex=1&count=3").await;
            let second = client.get("/Users?startIndex=2&count=2").await;
            all.each("id")[1..] == second.each("id")
        }
        PageIsCapped | CountAbove50Refused => {
            let client = client.with_people(60).await;
            client.get("/Users?startIndex=1&count=100").await.each("id").len() == 60
        }
        ListStopsAt100 => {
            let client = client.with_people(120).await;
            let list = client.get("/Users?startIndex=101&count=100").await;
            list.json["totalResults"] == 120 && list.each("id").len() == 20
        }
        PastTheEndIs404 | PastTheEndRepeats => {
            let list = client.get("/Users?startIndex=101&count=100").await;
            list.status == 200 && list.each("id").is_empty()
        }
        ListHidesInactive => {
            let user = client.create("ada").await;
            client.patch(&user, deactivate()).await;
            client.get("/Users?startIndex=1&count=100").await.json["totalResults"] == 4
        }
        ListLacksNames => client.get("/Users").await.json["Resources"][0]["name"]["familyName"].is_string(),
        ListLacksEmails => client.get("/Users").await.json["Resources"][0]["emails"][0]["value"].is_string(),
        ListLacksMembers | MembersAreNames => {
            let (group, ids) = crew(client).await;
            let list = client.get("/Groups").await.json;
            list["Resources"][0]["members"][0]["value"] == ids[0] && members(client, &group).await[0] == ids[0]
        }
        ActiveIsAString => created(client, "ada").await["active"] == true,
        EmailsAreAnObject => created(client, "ada").await["emails"].is_array(),
        NoPrimaryEmail => created(client, "ada").await["emails"][0]["primary"] == true,
        GroupsListIsSlow => {
            let started = Instant::now();
            client.get("/Groups?startIndex=1&count=100").await;
            started.elapsed() < Duration::from_millis(600)
        }
        DeletedUserStaysListed => {
            let user = client.create("ada").await;
            client.delete(&user).await;
            client.get("/Users").await.json["totalResults"] == 3 && client.get(&user).await.status == 404
        }
        StartIndexIsAlways1 => client.get("/Users?startIndex=2&count=1").await.json["startIndex"] == 2,

        GroupPatchNotImplemented | GroupPathlessMembersRefused | GroupPathlessMembersIgnored => {
            let (group, ids) = crew(client).await;
            let operation = json!([{ "op": "replace", "value": { "members": [{ "value": ids[2] }] } }]);
            let status = client.patch(&group, operation).await.status;
            matches!(status, 200 | 204) && members(client, &group).await == ids[2..]
        }
        GroupRenameWithIdRefused
        | GroupMetadataPatchIs500
        | GroupRenameIgnored
        | GroupRenameDropsMembers
        | GroupPatchEchoesRequest => {
            let (group, ids) = crew(client).await;
            let value = json!({ "id": group.strip_prefix("/Groups/"), "displayName": "Band" });
            let answer = client.patch(&group, json!([{ "op": "replace", "value": value }])).await;
            let read = client.get(&group).await.json;
            matches!(answer.status, 200 | 204)
                && answer.json["schemas"] == json!([GROUP])
                && read["displayName"] == "Band"
                && members(client, &group).await == ids[..2]
        }
        GroupPathlessEmptyMembersIgnored => {
            let (group, _) = crew(client).await;
            let value = json!({ "members": [], "displayName": "Crew" });
            client.patch(&group, json!([{ "op": "replace", "value": value }])).await;
            members(client, &group).await.is_empty()
        }
        GroupEmptyReplaceIgnored | GroupEmptyReplaceIs400 => {
            let (group, _) = crew(client).await;
            let answer = client.patch(&group, json!([{ "op": "replace", "path": "members", "value": [] }])).await;
            matches!(answer.status, 200 | 204) && members(client, &group).await.is_empty()
        }
        GroupMembersReplaceIs501 => {
            let (group, ids) = crew(client).await;
            let value = json!([{ "value": ids[2], "display": "grace" }]);
            client.patch(&group, json!([{ "op": "replace", "path": "members", "value": value }])).await;
            members(client, &group).await == ids[2..]
        }
        GroupMemberWithoutTypeIgnored | GroupMemberDisplayRefused | GroupAddReplaces => {
            let (group, ids) = crew(client).await;
            let answer = client.patch(&group, add(&ids[2])).await;
            matches!(answer.status, 200 | 204) && members(client, &group).await == ids
        }
        GroupFilteredRemoveIgnored | GroupFilteredRemoveRefused | GroupFilteredRemoveEmpties => {
            let (group, ids) = crew(client).await;
            let answer = client.patch(&group, json!([take(&ids[0])])).await;
            matches!(answer.status, 200 | 204) && members(client, &group).await == ids[1..2]
        }
        GroupPatchFirstOperationOnly => {
            let (group, ids) = crew(client).await;
            client.patch(&group, json!([take(&ids[0]), take(&ids[1]), add(&ids[2])[0]])).await;
            members(client, &group).await == ids[2..]
        }
        GroupLargePatchRefused => {
            let client = client.with_people(60).await;
            let ids: Vec<String> = client.get("/Users").await.each("id").into_iter().map(str::to_owned).collect();
            let group = client.create_group("Everybody", &[]).await;
            let value: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
            client.patch(&group, json!([{ "op": "add", "path": "members", "value": value }])).await;
            members(&client, &group).await.len() == 60
        }
        GroupPatchOfNobodyIs204 => client.patch("/Groups/nobody", add("x")).await.status == 404,
        GroupPatchLosesConcurrentUpdate => {
            let (group, ids) = crew(client).await;
            let (first, second) = (take(&ids[0]), add(&ids[2]));
            let _ = tokio::join!(client.patch(&group, json!([first])), client.patch(&group, second));
            members(client, &group).await == ids[1..]
        }
        GroupPatchForgetsReactivatedMember => {
            let user = client.create("ada").await;
            for active in [false, true] {
                client.patch(&user, json!([{ "op": "replace", "value": { "active": active } }])).await;
            }
            let (group, _) = crew(client).await;
            client.patch(&group, add(user.strip_prefix("/Users/").unwrap())).await.status == 200
        }

        GroupPutNotRouted | GroupPutConflictsWithItself | GroupPutMembersImmutable | GroupPutIgnoresMembers => {
            let (group, ids) = crew(client).await;
            let answer = put_group(client, &group, "Crew", &ids).await;
            answer.status == 200 && members(client, &group).await == ids
        }
        GroupPutRemovalRefused => {
            let (group, ids) = crew(client).await;
            put_group(client, &group, "Crew", &ids[..1]).await;
            members(client, &group).await == ids[..1]
        }
        GroupPutRefusesNullDisplay => {
            let (group, ids) = crew(client).await;
            let members = json!([{ "value": ids[0], "display": null }]);
            let body = json!({ "schemas": [GROUP], "displayName": "Crew", "members": members });
            client.put(&group, body).await.status == 200
        }
        GroupPutIgnoresName => {
            let (group, ids) = crew(client).await;
            put_group(client, &group, "Band", &ids).await;
            client.get(&group).await.json["displayName"] == "Band"
        }
        GroupPostIgnoresMembers => {
            let (group, ids) = crew(client).await;
            members(client, &group).await == ids[..2]
        }
        GroupPostRefusesEmptyMembers => new_group(client, "Crew").await.status == 201,
        GroupCreateIsNotStored | GroupNameIsSlugged => {
            let group = format!("/Groups/{}", new_group(client, "The Crew").await.id());
            client.get(&group).await.json["displayName"] == "The Crew"
        }
        GroupConflictNotListed => {
            new_group(client, "The Crew").await;
            new_group(client, "the-crew").await.status == 201
        }
        GroupNameStaysTaken | GroupDeleteNotRouted | GroupDeleteIsIgnored => {
            let group = format!("/Groups/{}", new_group(client, "Crew").await.id());
            client.delete(&group).await.status == 204
                && client.get(&group).await.status == 404
                && new_group(client, "Crew").await.status == 201
        }
        GroupDeleteDeletesUsers => {
            let (group, ids) = crew(client).await;
            client.delete(&group).await;
            client.get(&format!("/Users/{}", ids[0])).await.status == 200
        }
        GroupFilterRefused | GroupFilterIgnored => {
            crew(client).await;
            let found = client.get("/Groups?filter=displayName%20eq%20%22Band%22&startIndex=1&count=100").await;
            found.json["totalResults"] == 0
        }
        GroupTotalResultsIsPageSize => {
            crew(client).await;
            crew(client).await;
            client.get("/Groups?startIndex=1&count=1").await.json["totalResults"] == 2
        }
        GroupNameLookupIsCaseSensitive => {
            crew(client).await;
            client.get("/Groups?filter=displayName%20eq%20%22CREW%22").await.json["totalResults"] == 1
        }
        GroupsAttributeIsMissing => {
            let (_, ids) = crew(client).await;
            client.get(&format!("/Users/{}", ids[0])).await.json["groups"][0]["display"] == "Crew"
        }
        GroupsAttributeIsWritten => {
            let (group, ids) = crew(client).await;
            let user = format!("/Users/{}", ids[0]);
            let mut body = client.get(&user).await.json;
            body["groups"] = json!([]);
            client.put(&user, body).await;
            members(client, &group).await == ids[..2]
        }

        ResourceTypesMissing | ResourceTypesLackEntitlements | RoleSchemaIsAnother => {
            let list = client.get("/ResourceTypes").await.json;
            list["Resources"].as_array().into_iter().flatten().any(|ty| ty["schema"] == ROLE)
        }
        ResourceTypeLeadsNowhere => {
            let list = client.get("/ResourceTypes").await.json;
            let role = list["Resources"].as_array().unwrap().iter().find(|ty| ty["name"] == "Role").unwrap();
            client.get(role["endpoint"].as_str().unwrap()).await.status == 200
        }
        SchemasMissing | UserSchemaMissing => client.get("/Schemas").await.each("id").contains(&USER),
        EntitlementsListIs500 | EntitlementsTotalIsWrong => {
            client.get("/Entitlements?startIndex=1&count=100").await.json["totalResults"] == 3
        }
        EntitlementsListIsEmpty => !client.get("/Roles").await.each("id").is_empty(),
        EntitlementsItemsPerPage => client.get("/Roles?count=1&startIndex=1").await.json["itemsPerPage"] == 1,
        EntitlementLacksType => client.get("/Entitlements").await.each("type") == ["Entitlement"; 3],
        RoleLacksDisplayName => client.get("/Roles").await.each("displayName")[0] == "Viewer",
        RolesAreNotStored => given(client, "roles", json!([{ "value": "viewer" }])).await,
        EntitlementsAreNotStored => {
            given(client, "entitlements", json!([{ "value": "license-pro", "type": "Entitlement" }])).await
        }

        EnterpriseIsNotStored => given(client, ENTERPRISE, json!({ "department": "R" })).await,
        TypesAreDropped => given(client, "phoneNumbers", json!([{ "value": "1", "type": "mobile" }])).await,
        UnknownExtensionRefused => creates_with(client, "urn:example:1.0:User", json!({ "x": 1 })).await,
        NullValueRefused => creates_with(client, "title", Value::Null).await,
        StringRolesAre500 => {
            let mut body = ada("ada");
            body["roles"] = json!(["admin"]);
            client.post("/Users", body).await.status < 500
        }
        PatchPasswordRefused => {
            let user = client.create("ada").await;
            let answer = client.patch(&user, json!([{ "op": "replace", "value": { "password": "s" } }])).await;
            answer.status == 200
        }
        PutPasswordRefused => {
            let user = client.create("ada").await;
            client.put(&user, ada("ada")).await.status == 200
        }
        CreateRetryDuplicates => {
            client.create("ada").await;
            client.post("/Users", ada("ada")).await.status == 409
        }
        EmptyValueKept => {
            let user = client.create("ada").await;
            let mut body = client.get(&user).await.json;
            body.as_object_mut().unwrap().shift_remove("locale");
            client.put(&user, body).await;
            client.get(&user).await.json.get("locale").is_none()
        }
        FormattedNameGrowsOld => update(client, "displayName", json!("Countess")).await["displayName"] == "Countess",

        RetryAfterIsADate | RetryAfterIsMissing | RetryAfterIsFractional => {
            let answer = client.post("/Users", ada("ada.throttled")).await;
            answer.status == 201 || answer.header("retry-after").parse::<u32>().is_ok()
        }
        ThrottledForEver | ThrottledWriteIsDone => {
            client.post("/Users", ada("ada.throttled")).await;
            let again = client.post("/Users", ada("ada.throttled")).await;
            again.status == 409
                && client.lookup("ada.throttled").await.json["Resources"][0]["id"] != Value::Null
                && !client.post("/Users", ada("bob.throttled")).await.is_throttled()
        }

        V1ErrorsIn20Shape | V1ErrorsWithoutDescription => {
            let answer = client.v1("GET", "/Users/nobody", Value::Null).await;
            answer.status == 404 && answer.json["Errors"][0]["description"].is_string()
        }
        V1ErrorsWithoutDetail => client.v1("GET", "/Users/nobody", Value::Null).await.json["detail"].is_string(),
        V1SchemasOf20 | V1ListsWithoutSchemas => {
            let list = client.v1("GET", "/Users?startIndex=1&count=2", Value::Null).await.json;
            list["schemas"] == json!([CORE]) && list["Resources"][0]["schemas"] == json!([CORE])
        }
        V1PlainJsonRefused => client.v1("POST", "/Users", ada_v1("ada")).await.status == 201,
        V1MalformedFilterIs200 => client.v1("GET", "/Users?filter=ADA", Value::Null).await.status == 400,
        V1PatchNotImplemented | V1PatchIgnoresActive | V1PatchReplacesResource => {
            let user = client.v1("POST", "/Users", ada_v1("ada")).await;
            let target = format!("/Users/{}", user.id());
            client.v1("PATCH", &target, json!({ "schemas": [CORE], "id": user.id(), "active": false })).await;
            let read = client.v1("GET", &target, Value::Null).await.json;
            read["active"] == false && read["name"]["familyName"] == "Byron"
        }
        V1OperationDeleteRefused | V1OperationDeleteIgnored => {
            let (group, ids) = crew(client).await;
            let gone = json!([{ "value": ids[0], "operation": "delete" }]);
            client.v1("PATCH", &group, json!({ "schemas": [CORE], "members": gone })).await;
            members(client, &group).await == ids[1..2]
        }
        V1PatchMembersReplace => {
            let (group, ids) = crew(client).await;
            let more = json!([{ "value": ids[2], "display": "grace" }]);
            client.v1("PATCH", &group, json!({ "schemas": [CORE], "members": more })).await;
            members(client, &group).await == ids
        }
        V1MetaAttributesIgnored => {
            let (group, ids) = crew(client).await;
            let members_sent = json!([{ "value": ids[2] }]);
            let meta = json!({ "attributes": ["members"] });
            client.v1("PATCH", &group, json!({ "schemas": [CORE], "meta": meta, "members": members_sent })).await;
            members(client, &group).await == ids[2..]
        }
        V1RenameDropsMembers => {
            let (group, ids) = crew(client).await;
            client.v1("PATCH", &group, json!({ "schemas": [CORE], "displayName": "Band" })).await;
            members(client, &group).await == ids[..2]
        }
        V1GroupNeedsMembers => {
            client.v1("POST", "/Groups", json!({ "schemas": [CORE], "displayName": "Crew" })).await.status == 201
        }
        V1GroupDescriptionRefused | V1GroupDescriptionLost => {
            let mut body = json!({ "schemas": [CORE, CUSTOM_GROUP], "displayName": "Crew", "members": [] });
            body[CUSTOM_GROUP] = json!({ "description": "Everybody" });
            let answer = client.v1("POST", "/Groups", body).await;
            answer.status == 201 && answer.json[CUSTOM_GROUP]["description"] == "Everybody"
        }
        V1PutRefusesId => {
            let user = client.v1("POST", "/Users", ada_v1("ada")).await;
            client.v1("PUT", &format!("/Users/{}", user.id()), user.json.clone()).await.status == 200
        }
        V1ServiceProviderConfigsMissing => client.v1("GET", "/ServiceProviderConfigs", Value::Null).await.status == 200,
        V1SchemasMissing => client.v1("GET", "/Schemas", Value::Null).await.status == 200,
        V1DiscoveryTakesPosts => client.v1("POST", "/Schemas", json!({})).await.status == 405,
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

/// Returns a group of two and the ids of three people, the members first.
async fn crew(client: &Client) -> (String, Vec<String>) {
    let ids: Vec<String> = client.get("/Users?count=3").await.each("id").into_iter().map(str::to_owned).collect();
    let group = client.create_group("Crew", &[&ids[0], &ids[1]]).await;
    (group, ids)
}

/// Returns the ids of the members of a group, as read.
async fn members(client: &Client, group: &str) -> Vec<String> {
    let read = client.get(group).await.json;
    let members = read["members"].as_array().into_iter().flatten();
    members.filter_map(|member| member["value"].as_str().map(str::to_owned)).collect()
}

async fn new_group(client: &Client, name: &str) -> Answer {
    client.post("/Groups", json!({ "schemas": [GROUP], "displayName": name, "members": [] })).await
}

async fn put_group(client: &Client, group: &str, name: &str, ids: &[String]) -> Answer {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id, "display": "x" })).collect();
    client.put(group, json!({ "schemas": [GROUP], "displayName": name, "members": members })).await
}

/// Returns the operations by which Okta adds a member.
fn add(id: &str) -> Value {
    json!([{ "op": "add", "path": "members", "value": [{ "value": id, "display": "x@example.com" }] }])
}

/// Returns the operation by which Okta removes a member.
fn take(id: &str) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })
}

/// Tells whether an attribute is stored by a create, and by a PUT.
async fn given(client: &Client, name: &str, value: Value) -> bool {
    let mut body = ada("ada");
    body[name] = value.clone();
    let user = format!("/Users/{}", client.post("/Users", body.clone()).await.id());
    let created = client.get(&user).await.json[name].clone();
    client.put(&user, body).await;
    created == value && client.get(&user).await.json[name] == value
}

async fn creates_with(client: &Client, name: &str, value: Value) -> bool {
    let mut body = ada("ada");
    body[name] = value;
    client.post("/Users", body).await.status == 201
}

/// The body Okta creates a user with in SCIM 1.1.
fn ada_v1(user_name: &str) -> Value {
    let mut body = ada(user_name);
    body["schemas"] = json!([CORE]);
    body
}

const ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
const CUSTOM_GROUP: &str = "urn:okta:custom:group:1.0";
