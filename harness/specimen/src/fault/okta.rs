//! The faults and quirks that Okta's traffic meets, and the enum they are values of.
//!
//! What they do stands in the tables of [`crate::sabotage`], by topic.

use crate::behaviour::Behaviour;

/// What the table knows about one fault.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) clause: &'static str,
    pub(super) vendor_bug: Option<u32>,
}

/// Declares the enum, the two lists of its values and the table from the same lines, so that none can be forgotten.
macro_rules! faults {
    (
        faults { $($fault:ident $name:literal, $summary:literal, $clause:literal, $bug:expr;)* }
        quirks { $($quirk:ident $quirk_name:literal, $quirk_summary:literal, $quirk_clause:literal, $quirk_bug:expr;)* }
    ) => {
        /// One wrong behaviour that the specimen can be asked to show.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $summary] $fault,)*
            $(#[doc = $quirk_summary] $quirk,)*
            /// One of those that break an RFC; it brings along what it does.
            Rfc(&'static Behaviour),
        }

        impl Fault {
            pub(super) const OKTA_FAULTS: &'static [Fault] = &[$(Fault::$fault,)*];
            pub(super) const OKTA_QUIRKS: &'static [Fault] = &[$(Fault::$quirk,)*];

            pub(super) const fn entry(self) -> Entry {
                match self {
                    $(Fault::$fault =>
                        Entry { name: $name, summary: $summary, clause: $clause, vendor_bug: $bug },)*
                    $(Fault::$quirk => Entry {
                        name: $quirk_name,
                        summary: $quirk_summary,
                        clause: $quirk_clause,
                        vendor_bug: $quirk_bug,
                    },)*
                    Fault::Rfc(row) =>
                        Entry { name: row.name, summary: row.what, clause: row.clause, vendor_bug: row.vendor_bug },
                }
            }
        }
    };
}

faults! {
    faults {
        // Authentication and envelope.
        AnyTokenAccepted "any-token-accepted", "A wrong token gets 200.", "RFC7644 2", None;
        MissingTokenAccepted "missing-token-accepted", "A request without credentials gets 200.", "RFC7644 2", None;
        UnauthorizedWithoutScimError "unauthorized-without-scim-error", "The 401 answer has a text/plain body.", "RFC7644 3.12", Some(70);
        ErrorsAsPlainText "errors-as-plain-text", "Every 4xx answer has a plain text body.", "RFC7644 3.12", Some(69);
        ErrorsAsHtml "errors-as-html", "Every 4xx answer has an HTML body.", "RFC7644 3.12", None;
        ErrorsWithoutSchemas "errors-without-schemas", "The Error message lacks `schemas`.", "RFC7644 3.12", None;
        ErrorsWithoutDetail "errors-without-detail", "The Error message lacks `detail`.", "RFC7644 3.12", None;
        ErrorsWithoutStatus "errors-without-status", "The Error message lacks `status`.", "RFC7644 3.12", None;
        UnknownIdIs500 "unknown-id-is-500", "GET of an unknown user answers 500.", "RFC7644 3.4.1", None;
        UnknownIdIs200 "unknown-id-is-200", "GET of an unknown user answers 200 with an empty object.", "RFC7644 3.4.1", None;

        // Lists and lookup.
        LookupMissIs404 "lookup-miss-is-404", "A filter without a match answers 404.", "RFC7644 3.4.2", None;
        EmptyListHasNoResources "empty-list-has-no-resources", "An empty list leaves `Resources` out.", "RFC7644 3.4.2", Some(39);
        EmptyListIsEmptyBody "empty-list-is-empty-body", "An empty list is a 200 without a body.", "RFC7644 3.4.2", Some(39);
        EmptyListIsNull "empty-list-is-null", "An empty list is the JSON literal null.", "RFC7644 3.4.2", Some(39);
        EmptyListIsBareArray "empty-list-is-bare-array", "An empty list is a bare JSON array.", "RFC7644 3.4.2", Some(39);
        ListsAreHtml "lists-are-html", "GET of a collection answers 200 with an HTML page.", "RFC7644 3.4.2", Some(39);
        ListsWithoutSchemas "lists-without-schemas", "The ListResponse lacks `schemas`.", "RFC7644 3.4.2", None;
        CountersAreStrings "counters-are-strings", "The counters of a ListResponse are strings.", "RFC7644 3.4.2", Some(38);
        TotalResultsIsPageSize "total-results-is-page-size", "`totalResults` counts only the page.", "RFC7644 3.4.2.4", Some(42);
        CountIgnored "count-ignored", "The whole list is returned whatever `count` says.", "RFC7644 3.4.2.4", Some(41);
        ItemsPerPageEchoesCount "items-per-page-echoes-count", "`itemsPerPage` repeats the requested `count`.", "RFC7644 3.4.2.4", Some(37);
        StartIndexIsZeroBased "start-index-is-zero-based", "startIndex=1 skips the first match.", "RFC7644 3.4.2.4", None;
        FilterIgnored "filter-ignored", "Every resource is returned whatever the filter says.", "RFC7644 3.4.2.2", Some(45);
        FilterComparesWithId "filter-compares-with-id", "A userName filter is compared with `id`.", "RFC7644 3.4.2.2", Some(44);
        FilterComparesWithEmail "filter-compares-with-email", "A userName filter is compared with the e-mail addresses.", "RFC7644 3.4.2.2", Some(50);
        FilterRefusesPaging "filter-refuses-paging", "A filter together with startIndex or count answers 400.", "RFC7644 3.4.2.4", Some(40);
        FilterKeepsPercentEncoding "filter-keeps-percent-encoding", "%40 in a filter is not decoded.", "RFC7644 1.2", None;
        LookupHidesInactive "lookup-hides-inactive", "Inactive users are not found by a filter.", "RFC7644 3.4.2.2", Some(53);
        RenamedUserKeepsOldLookup "renamed-user-keeps-old-lookup", "After a PUT with another userName the lookup still answers for the old one.", "RFC7644 3.5.1", None;
        GroupsListIs500 "groups-list-is-500", "GET /Groups answers 500.", "RFC7644 3.4.2", Some(48);

        // Create.
        CreateAnswers200 "create-answers-200", "A create answers 200 instead of 201.", "RFC7644 3.3", None;
        CreateAnswersEmptyBody "create-answers-empty-body", "A create answers 201 without a body.", "RFC7644 3.3", None;
        CreateAnswerLacksSchemas "create-answer-lacks-schemas", "The answer to a create lacks `schemas`.", "RFC7643 3", Some(64);
        CreateAnswerLacksId "create-answer-lacks-id", "The answer to a create lacks `id`.", "RFC7643 3.1", None;
        CreateIsNotStored "create-is-not-stored", "A create answers 201, but stores nothing.", "RFC7644 3.3", None;
        CreateLowerCasesUserName "create-lower-cases-user-name", "A created userName is stored and echoed in lower case.", "RFC7643 4.1.1", Some(62);
        CreateLacksActive "create-lacks-active", "`active` is absent from every user.", "RFC7643 4.1.1", Some(63);
        CreateLosesEmails "create-loses-emails", "A create drops the e-mail addresses.", "RFC7644 3.3", None;
        CreateLosesFamilyName "create-loses-family-name", "A create drops name.familyName.", "RFC7643 4.1.1", Some(70);
        CreateRefusesEmptyGroups "create-refuses-empty-groups", "A create with an empty `groups` array answers 400.", "RFC7644 3.3", None;
        DuplicateAnswers201 "duplicate-answers-201", "A second create of the same userName makes a second user.", "RFC7644 3.3", None;
        DuplicateOverwrites "duplicate-overwrites", "A second create of the same userName answers 201 and overwrites the first user.", "RFC7644 3.3", Some(59);
        DuplicateAnswers400 "duplicate-answers-400", "A second create of the same userName answers 400.", "RFC7644 3.3", None;
        DuplicateAnswers500 "duplicate-answers-500", "A second create of the same userName answers 500.", "RFC7644 3.3", Some(57);
        ScimJsonRefused "scim-json-refused", "A body of type application/scim+json answers 415.", "RFC7644 3.8", Some(71);
        PlainJsonRefused "plain-json-refused", "A body of type application/json answers 415.", "RFC7644 3.8", None;
        ScimJsonNotAcceptable "scim-json-not-acceptable", "Accept: application/scim+json answers 406.", "RFC7644 3.8", None;
        NonAsciiIs500 "non-ascii-is-500", "A body with text beyond ASCII answers 500.", "RFC7644 3.8", None;
        PasswordEchoed "password-echoed", "`password` is returned.", "RFC7643 4.1.1", None;

        // Update.
        PutNotRouted "put-not-routed", "PUT of a user answers 405.", "RFC7644 3.5", Some(22);
        PutChangesId "put-changes-id", "PUT moves the user to another id.", "RFC7643 3.1", None;
        PutIgnoresActive "put-ignores-active", "PUT does not touch `active`.", "RFC7644 3.5.1", Some(18);
        PutIgnoresProfile "put-ignores-profile", "PUT changes nothing but `active`.", "RFC7644 3.5.1", Some(35);
        PutIsNotStored "put-is-not-stored", "PUT answers 200 with what was sent, but stores nothing.", "RFC7644 3.5.1", None;
        PutRefusesReadOnly "put-refuses-read-only", "PUT answers 400 when the body carries id, meta or groups.", "RFC7644 3.5.1", None;
        PutConflictsWithItself "put-conflicts-with-itself", "PUT with the unchanged userName answers 409.", "RFC7644 3.5.1", Some(23);
        PutWipesEmails "put-wipes-emails", "The e-mail addresses are gone after a PUT.", "RFC7644 3.5.1", None;

        // Patch.
        PatchNotImplemented "patch-not-implemented", "PATCH answers 501.", "RFC7644 3.5.2", Some(16);
        PathlessPatchIs500 "pathless-patch-is-500", "PATCH without a path answers 500.", "RFC7644 3.5.2.3", Some(1);
        PathlessPatchIgnored "pathless-patch-ignored", "PATCH without a path answers 204 and changes nothing.", "RFC7644 3.5.2.3", Some(4);
        PathlessPatchReplacesResource "pathless-patch-replaces-resource", "The value of a PATCH without a path becomes the whole resource.", "RFC7644 3.5.2.3", Some(6);
        PatchEchoesRequest "patch-echoes-request", "PATCH answers 200 with the PatchOp it was sent.", "RFC7644 3.5.2", Some(21);
        PatchAnswerLies "patch-answer-lies", "PATCH answers with `active` as asked for, but stores it unchanged.", "RFC7644 3.5.2", None;
        PatchBreaksConnection "patch-breaks-connection", "PATCH closes the connection without an answer.", "RFC7644 3.5.2", None;

        // Life cycle.
        DeactivatedUserIs404 "deactivated-user-is-404", "GET of an inactive user answers 404.", "RFC7644 3.4.1", Some(51);
        DeactivationDeletes "deactivation-deletes", "active:false removes the user for good.", "RFC7643 4.1.1", Some(52);
        DeactivationWipesProfile "deactivation-wipes-profile", "active:false also empties name and e-mail addresses.", "RFC7643 4.1.1", None;
        ReactivationRefused "reactivation-refused", "active:true on an inactive user answers 400.", "RFC7643 4.1.1", Some(56);
        ReactivationIgnored "reactivation-ignored", "active:true on an inactive user answers 200 and changes nothing.", "RFC7643 4.1.1", Some(68);

        // Lists, as an import reads them.
        UnstableOrder "unstable-order", "A page with startIndex above 1 is taken from the list in reverse order.", "RFC7644 3.4.2.4", Some(41);
        PagesOverlap "pages-overlap", "A page with startIndex above 1 begins one resource early.", "RFC7644 3.4.2.4", Some(41);
        PagesGap "pages-gap", "A page with startIndex above 1 begins one resource late.", "RFC7644 3.4.2.4", Some(41);
        PageIsCapped "page-is-capped", "A page holds 50 resources at most, whatever `count` says.", "RFC7644 3.4.2.4", None;
        CountAbove50Refused "count-above-50-refused", "`count` above 50 answers 400.", "RFC7644 3.4.2.4", None;
        ListStopsAt100 "list-stops-at-100", "Nothing comes after the first 100 resources, and `totalResults` is 100 at most.", "RFC7644 3.4.2.4", Some(42);
        PastTheEndIs404 "past-the-end-is-404", "A page past the end answers 404.", "RFC7644 3.4.2.4", None;
        PastTheEndRepeats "past-the-end-repeats", "A page past the end is the last page again.", "RFC7644 3.4.2.4", None;
        ListHidesInactive "list-hides-inactive", "Inactive users are missing in a list without a filter.", "RFC7644 3.4.2", None;
        ListLacksNames "list-lacks-names", "Users in a list have no `name`.", "RFC7644 3.9", Some(70);
        ListLacksEmails "list-lacks-emails", "Users in a list have no `emails`.", "RFC7644 3.9", None;
        ListLacksMembers "list-lacks-members", "Groups in a list have no `members`.", "RFC7644 3.9", None;
        ActiveIsAString "active-is-a-string", "`active` is returned as a string.", "RFC7643 2.3.2", None;
        EmailsAreAnObject "emails-are-an-object", "`emails` is returned as one object, not as an array.", "RFC7643 2.4", None;
        NoPrimaryEmail "no-primary-email", "`primary` is dropped from every e-mail address.", "RFC7643 2.4", None;
        MembersAreNames "members-are-names", "The `value` of a member is its name, not its id.", "RFC7643 4.2", None;
        DeletedUserStaysListed "deleted-user-stays-listed", "A deleted user cannot be read, and is still in lists.", "RFC7644 3.6", None;

        // Groups, changed by PATCH.
        GroupPatchNotImplemented "group-patch-not-implemented", "PATCH of a group answers 501.", "RFC7644 3.5.2", Some(11);
        GroupPathlessMembersRefused "group-pathless-members-refused", "A PATCH without a path that has `members` answers 400 in plain text.", "RFC7644 3.5.2.3", Some(2);
        GroupPathlessMembersIgnored "group-pathless-members-ignored", "`members` in a PATCH without a path are ignored, with success.", "RFC7644 3.5.2.3", Some(2);
        GroupRenameWithIdRefused "group-rename-with-id-refused", "A PATCH without a path whose value has `id` answers 400.", "RFC7644 3.5.2.3", Some(3);
        GroupMetadataPatchIs500 "group-metadata-patch-is-500", "A PATCH without a path that has `displayName` and no `members` answers 500.", "RFC7644 3.5.2.3", Some(9);
        GroupRenameIgnored "group-rename-ignored", "PATCH does not touch the `displayName` of a group.", "RFC7644 3.5.2.3", None;
        GroupRenameDropsMembers "group-rename-drops-members", "A PATCH that does not mention `members` removes them all.", "RFC7644 3.5.2", Some(7);
        GroupPathlessEmptyMembersIgnored "group-pathless-empty-members-ignored", "Empty `members` in a PATCH without a path leave the members alone.", "RFC7644 3.5.2.3", Some(8);
        GroupEmptyReplaceIgnored "group-empty-replace-ignored", "Replacing `members` with an empty list leaves the members alone.", "RFC7644 3.5.2.3", Some(8);
        GroupEmptyReplaceIs400 "group-empty-replace-is-400", "Replacing `members` with an empty list answers 400.", "RFC7644 3.5.2.3", Some(10);
        GroupMembersReplaceIs501 "group-members-replace-is-501", "Replacing `members` with some answers 501.", "RFC7644 3.5.2.3", Some(11);
        GroupMemberWithoutTypeIgnored "group-member-without-type-ignored", "An added member without a `type` is not stored.", "RFC7643 4.2", Some(12);
        GroupMemberDisplayRefused "group-member-display-refused", "A member with a `display` answers 400.", "RFC7643 2.4", Some(26);
        GroupFilteredRemoveIgnored "group-filtered-remove-ignored", "Removing members[value eq \"…\"] succeeds and removes nobody.", "RFC7644 3.5.2.2", Some(13);
        GroupFilteredRemoveRefused "group-filtered-remove-refused", "Removing members[value eq \"…\"] answers 400.", "RFC7644 3.5.2.2", None;
        GroupFilteredRemoveEmpties "group-filtered-remove-empties", "Removing members[value eq \"…\"] removes every member.", "RFC7644 3.5.2.2", Some(15);
        GroupAddReplaces "group-add-replaces", "Added members take the place of those that are there.", "RFC7644 3.5.2.1", Some(15);
        GroupPatchFirstOperationOnly "group-patch-first-operation-only", "Of several operations on a group only the first is carried out.", "RFC7644 3.5.2", None;
        GroupLargePatchRefused "group-large-patch-refused", "A PATCH with more than 50 member changes answers 413.", "RFC7644 3.5.2", None;
        GroupPatchEchoesRequest "group-patch-echoes-request", "PATCH of a group answers 200 with the PatchOp it was sent.", "RFC7644 3.5.2", Some(21);
        GroupPatchOfNobodyIs204 "group-patch-of-nobody-is-204", "PATCH of an unknown group answers 204.", "RFC7644 3.5.2", None;
        GroupPatchLosesConcurrentUpdate "group-patch-loses-concurrent-update", "Of two PATCHes of a group at the same time the later wipes out the earlier.", "RFC7644 3.5.2", Some(76);
        GroupPatchForgetsReactivatedMember "group-patch-forgets-reactivated-member", "Adding a user who was inactive once answers 404.", "RFC7643 3.1", Some(75);

        // Groups, changed by PUT.
        GroupPutNotRouted "group-put-not-routed", "PUT of a group answers 405.", "RFC7644 3.5", None;
        GroupPutConflictsWithItself "group-put-conflicts-with-itself", "PUT of a group with the unchanged displayName answers 409.", "RFC7644 3.5.1", Some(23);
        GroupPutMembersImmutable "group-put-members-immutable", "PUT that adds a member to a group with members answers 400.", "RFC7643 4.2", Some(24);
        GroupPutRemovalRefused "group-put-removal-refused", "PUT that leaves a member out answers 400.", "RFC7643 4.2", Some(25);
        GroupPutRefusesNullDisplay "group-put-refuses-null-display", "PUT with a member whose `display` is null answers 400.", "RFC7643 2.5", Some(27);
        GroupPutIgnoresName "group-put-ignores-name", "PUT does not touch the displayName of a group.", "RFC7644 3.5.1", Some(27);
        GroupPutIgnoresMembers "group-put-ignores-members", "PUT stores a group without its members.", "RFC7644 3.5.1", Some(30);

        // Groups, created, deleted and looked for.
        GroupPostIgnoresMembers "group-post-ignores-members", "A created group has no members, whatever was sent.", "RFC7644 3.3", Some(28);
        GroupPostRefusesEmptyMembers "group-post-refuses-empty-members", "A group created with an empty `members` array answers 400.", "RFC7644 3.3", None;
        GroupCreateIsNotStored "group-create-is-not-stored", "A created group answers 201, and is not stored.", "RFC7644 3.3", None;
        GroupNameIsSlugged "group-name-is-slugged", "displayName is stored in lower case, with dashes for spaces.", "RFC7643 4.2", None;
        GroupConflictNotListed "group-conflict-not-listed", "A group named with the letters of another answers 409, and is not found by its name.", "RFC7644 3.3", Some(74);
        GroupNameStaysTaken "group-name-stays-taken", "A group named like a deleted one answers 409.", "RFC7644 3.6", None;
        GroupDeleteNotRouted "group-delete-not-routed", "DELETE of a group answers 405.", "RFC7644 3.6", None;
        GroupDeleteIsIgnored "group-delete-is-ignored", "DELETE of a group answers 204, and the group is still there.", "RFC7644 3.6", None;
        GroupDeleteDeletesUsers "group-delete-deletes-users", "DELETE of a group deletes its members.", "RFC7644 3.6", None;
        GroupFilterRefused "group-filter-refused", "A filter on groups answers 400.", "RFC7644 3.4.2.2", None;
        GroupFilterIgnored "group-filter-ignored", "Every group is returned whatever the filter says.", "RFC7644 3.4.2.2", None;
        GroupTotalResultsIsPageSize "group-total-results-is-page-size", "`totalResults` of groups counts only the page.", "RFC7644 3.4.2.4", Some(43);
        GroupsAttributeIsWritten "groups-attribute-is-written", "PUT of a user takes them out of the groups that `groups` does not name.", "RFC7643 4.1.2", None;

        // Roles, entitlements, and what is said about them.
        SchemasMissing "schemas-missing", "/Schemas answers 404.", "RFC7644 4", None;
        ResourceTypeLeadsNowhere "resource-type-leads-nowhere", "There is nothing at the endpoint of the Role resource type.", "RFC7643 6", None;
        EntitlementsListIs500 "entitlements-list-is-500", "GET /Entitlements answers 500.", "RFC7644 3.4.2", None;
        EntitlementsListIsEmpty "entitlements-list-is-empty", "The lists of roles and entitlements are empty.", "RFC7644 3.4.2", None;
        EntitlementsItemsPerPage "entitlements-items-per-page", "`itemsPerPage` of roles and entitlements is the total.", "RFC7644 3.4.2.4", None;
        EntitlementsTotalIsWrong "entitlements-total-is-wrong", "`totalResults` of entitlements is one too many.", "RFC7644 3.4.2", None;
        EntitlementLacksType "entitlement-lacks-type", "Entitlements have no `type`.", "RFC7643 3", None;
        RoleLacksDisplayName "role-lacks-display-name", "Roles have no `displayName`.", "RFC7643 3", None;
        RolesAreNotStored "roles-are-not-stored", "The `roles` of a user are dropped.", "RFC7643 4.1.2", Some(77);
        EntitlementsAreNotStored "entitlements-are-not-stored", "The `entitlements` of a user are dropped.", "RFC7643 4.1.2", Some(77);

        // Attributes and passwords.
        StringRolesAre500 "string-roles-are-500", "`roles` as plain strings answer 500.", "RFC7644 3.12", Some(66);
        PutPasswordRefused "put-password-refused", "PUT with a password answers 400.", "RFC7643 4.1.1", None;
        CreateRetryDuplicates "create-retry-duplicates", "A create that repeats another byte for byte makes a second user.", "RFC7644 3.3", Some(59);

        // Too many requests: a user or group called throttled is answered 429 at the first attempt.
        RetryAfterIsADate "retry-after-is-a-date", "The first create of somebody called throttled answers 429 with a date in Retry-After.", "RFC6585 4", None;
        RetryAfterIsMissing "retry-after-is-missing", "The first create of somebody called throttled answers 429 without Retry-After.", "RFC6585 4", None;
        RetryAfterIsFractional "retry-after-is-fractional", "The first create of somebody called throttled answers 429 with Retry-After: 0.5.", "RFC9110 10.2.3", None;
        ThrottledForEver "throttled-for-ever", "Every create of somebody called throttled answers 429.", "RFC6585 4", None;
        ThrottledWriteIsDone "throttled-write-is-done", "The first create of somebody called throttled answers 429, and is done all the same.", "RFC6585 4", None;

        // SCIM 1.1.
        V1ErrorsIn20Shape "v1-errors-in-2-0-shape", "SCIM 1.1 errors have the shape of SCIM 2.0.", "SCIM1.1-protocol 3.9", None;
        V1ErrorsWithoutDescription "v1-errors-without-description", "SCIM 1.1 errors have no description.", "SCIM1.1-protocol 3.9", None;
        V1ErrorsWithoutDetail "v1-errors-without-detail", "SCIM 1.1 errors have no `detail` beside `Errors`.", "okta/scim11-spec-10", None;
        V1SchemasOf20 "v1-schemas-of-2-0", "SCIM 1.1 answers name the schemas of SCIM 2.0.", "SCIM1.1-core 5.1", None;
        V1ListsWithoutSchemas "v1-lists-without-schemas", "SCIM 1.1 lists have no `schemas`.", "okta/scim11-spec-7", None;
        V1PlainJsonRefused "v1-plain-json-refused", "A SCIM 1.1 body of type application/json answers 415.", "SCIM1.1-protocol 3.6", None;
        V1MalformedFilterIs200 "v1-malformed-filter-is-200", "A malformed SCIM 1.1 filter answers 200 with everybody.", "okta/scim11-spec-15", None;
        V1PatchNotImplemented "v1-patch-not-implemented", "A SCIM 1.1 PATCH answers 501.", "okta/scim11-update-user-patch", Some(16);
        V1PatchIgnoresActive "v1-patch-ignores-active", "A SCIM 1.1 PATCH does not touch `active`.", "okta/scim11-update-user-patch", Some(19);
        V1PatchReplacesResource "v1-patch-replaces-resource", "The body of a SCIM 1.1 PATCH becomes the whole resource.", "SCIM1.1-protocol 3.3.2", Some(6);
        V1OperationDeleteRefused "v1-operation-delete-refused", "A member with operation delete answers 400.", "SCIM1.1-protocol 3.3.2", None;
        V1OperationDeleteIgnored "v1-operation-delete-ignored", "A member with operation delete stays.", "SCIM1.1-protocol 3.3.2", Some(13);
        V1PatchMembersReplace "v1-patch-members-replace", "The members of a SCIM 1.1 PATCH take the place of those that are there.", "SCIM1.1-protocol 3.3.2", Some(15);
        V1MetaAttributesIgnored "v1-meta-attributes-ignored", "`meta.attributes` of a SCIM 1.1 PATCH removes nothing.", "SCIM1.1-protocol 3.3.2", None;
        V1RenameDropsMembers "v1-rename-drops-members", "A SCIM 1.1 PATCH without members removes them all.", "SCIM1.1-protocol 3.3.2", Some(7);
        V1GroupNeedsMembers "v1-group-needs-members", "A SCIM 1.1 group created without members answers 400.", "okta/scim11-create-groups", None;
        V1GroupDescriptionRefused "v1-group-description-refused", "A SCIM 1.1 group with Okta's description answers 400.", "okta/scim11-create-groups", None;
        V1PutRefusesId "v1-put-refuses-id", "A SCIM 1.1 PUT with the id in its body answers 400.", "okta/scim11-update-user-put", None;
    }
    quirks {
        // Lookup.
        LookupIsCaseSensitive "lookup-is-case-sensitive", "A userName filter compares upper and lower case.", "RFC7643 4.1.1", Some(46);
        FilterWordsAreCaseSensitive "filter-words-are-case-sensitive", "A filter with USERNAME or EQ answers 400.", "RFC7644 3.4.2.2", Some(47);
        PlusIsNoSpace "plus-is-no-space", "A plus in a query is a plus, so that a filter with plus signs for spaces answers 400.", "RFC7644 3.4.2.2", None;
        EncodedPlusIsASpace "encoded-plus-is-a-space", "The query is decoded twice: %2B becomes a space.", "RFC7644 1.2", None;

        // Create.
        CreateLosesExternalId "create-loses-external-id", "A create drops externalId.", "RFC7643 3.1", Some(63);
        EqualEmailConflicts "equal-email-conflicts", "A create with the e-mail address of another user answers 409.", "RFC7643 4.1.2", Some(60);
        UserNameHasToBeAnEmail "user-name-has-to-be-an-email", "A create with a userName without an @ answers 400.", "RFC7643 4.1.1", Some(50);
        UnknownManagerIs404 "unknown-manager-is-404", "A create with a manager nobody knows answers 404.", "RFC7643 4.3", Some(65);

        // Update.
        EmptyValueRefused "empty-value-refused", "A PUT with an empty displayName answers 400.", "RFC7643 2.5", Some(36);

        // Lists and groups.
        StartIndexIsAlways1 "start-index-is-always-1", "`startIndex` of a list is 1 on every page.", "RFC7644 3.4.2.4", None;
        GroupsListIsSlow "groups-list-is-slow", "GET /Groups takes 700 ms.", "RFC7644 3.4.2", None;
        GroupNameLookupIsCaseSensitive "group-name-lookup-is-case-sensitive", "A displayName filter on groups compares upper and lower case.", "RFC7643 4.2", Some(46);
        GroupsAttributeIsMissing "groups-attribute-is-missing", "Users do not show their `groups`.", "RFC7643 4.1.2", None;

        // Roles, entitlements, and what is said about them.
        ResourceTypesMissing "resource-types-missing", "/ResourceTypes answers 404.", "RFC7644 4", None;
        ResourceTypesLackEntitlements "resource-types-lack-entitlements", "/ResourceTypes names neither roles nor entitlements.", "RFC7644 4", None;
        UserSchemaMissing "user-schema-missing", "/Schemas lacks the User schema.", "RFC7643 7", None;
        RoleSchemaIsAnother "role-schema-is-another", "The Role resource type names a schema that is not Okta's.", "RFC7643 6", None;

        // Attributes and passwords.
        EnterpriseIsNotStored "enterprise-is-not-stored", "The enterprise extension is dropped.", "RFC7643 4.3", None;
        UnknownExtensionRefused "unknown-extension-refused", "An extension nobody knows answers 400.", "RFC7643 3.3", None;
        NullValueRefused "null-value-refused", "A null in the body of a user answers 400.", "RFC7643 2.5", Some(36);
        TypesAreDropped "types-are-dropped", "The `type` of e-mail addresses, roles and the like is dropped.", "RFC7643 2.4", None;
        PatchPasswordRefused "patch-password-refused", "PATCH of a password answers 400.", "RFC7643 4.1.1", Some(17);
        EmptyValueKept "empty-value-kept", "A value that a PUT leaves out, or empties, stays.", "RFC7644 3.5.1", Some(33);
        FormattedNameGrowsOld "formatted-name-grows-old", "displayName and name.formatted stay what they were at the create.", "RFC7643 4.1.1", Some(31);

        // SCIM 1.1.
        V1GroupDescriptionLost "v1-group-description-lost", "Okta's description of a group is dropped.", "okta/scim11-create-groups", None;
        V1ServiceProviderConfigsMissing "v1-service-provider-configs-missing", "/ServiceProviderConfigs answers 404.", "okta/scim11-spec-1", None;
        V1SchemasMissing "v1-schemas-missing", "SCIM 1.1 /Schemas answers 404.", "okta/scim11-spec-5", None;
        V1DiscoveryTakesPosts "v1-discovery-takes-posts", "POST to a SCIM 1.1 discovery endpoint answers 200.", "okta/scim11-spec-2", None;
    }
}
