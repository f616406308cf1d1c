//! The list of faults: every wrong behaviour the specimen can be asked to show.
//!
//! A fault is named once, in one of the two tables below; what it does lives in [`crate::sabotage`]. The names are an
//! interface: the command line takes them, and the proof that every suite case can fail is written in them.
//!
//! The second table holds the *quirks*: what breaks a rule that Okta's traffic does not depend on, or depends on in a way
//! that nobody has documented. The suites warn about a quirk and never fail it under the default gate.

use std::str::FromStr;

use thiserror::Error;

/// What the table knows about one fault.
struct Entry {
    name: &'static str,
    summary: &'static str,
    clause: &'static str,
    vendor_bug: Option<u32>,
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
        }

        impl Fault {
            /// Every fault that breaks or misleads Okta, in the order in which they are documented: each of them fails
            /// some case under the default gate.
            pub const ALL: &'static [Fault] = &[$(Fault::$fault,)*];

            /// Every quirk: behaviour the suites warn about, and never fail under the default gate.
            pub const QUIRKS: &'static [Fault] = &[$(Fault::$quirk,)*];

            const fn entry(self) -> Entry {
                match self {
                    $(Fault::$fault =>
                        Entry { name: $name, summary: $summary, clause: $clause, vendor_bug: $bug },)*
                    $(Fault::$quirk => Entry {
                        name: $quirk_name,
                        summary: $quirk_summary,
                        clause: $quirk_clause,
                        vendor_bug: $quirk_bug,
                    },)*
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
        PatchIgnoresProfile "patch-ignores-profile", "PATCH changes nothing of a user but `active`.", "RFC7644 3.5.2", Some(35);
    }
}

impl Fault {
    /// Returns the name by which the command line knows this fault, in kebab-case.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// Returns one sentence that says what the service provider does wrong.
    pub const fn summary(self) -> &'static str {
        self.entry().summary
    }

    /// Returns the clause that the behaviour violates, as suites cite it.
    pub const fn clause(self) -> &'static str {
        self.entry().clause
    }

    /// Tells whether the suites only warn about it under the default gate.
    pub fn is_quirk(self) -> bool {
        Fault::QUIRKS.contains(&self)
    }

    /// Returns the row of the list of known vendor bugs in which this behaviour was seen in the wild, if it was.
    pub const fn vendor_bug(self) -> Option<u32> {
        self.entry().vendor_bug
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Fault::ALL.iter().chain(Fault::QUIRKS).find(|fault| fault.name() == name);
        found.copied().ok_or_else(|| UnknownFault { name: name.to_owned() })
    }
}

/// The text that was to name a fault names none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no fault named `{name}`")]
pub struct UnknownFault {
    name: String,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn every() -> impl Iterator<Item = &'static Fault> {
        Fault::ALL.iter().chain(Fault::QUIRKS)
    }

    #[test]
    fn every_fault_and_quirk_is_found_by_its_name() {
        for fault in every() {
            assert_eq!(fault.name().parse(), Ok(*fault));
        }
    }

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = HashSet::new();
        for fault in every() {
            let name = fault.name();
            assert!(seen.insert(name), "{name} occurs twice");
            assert!(name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{name} is not kebab-case");
        }
    }

    #[test]
    fn an_unknown_name_is_repeated_in_the_error() {
        let error = "put-explodes".parse::<Fault>().unwrap_err();
        assert_eq!(error.to_string(), "there is no fault named `put-explodes`");
    }
}
