//! The codes of what can be wrong with a story alone. Codes are permanent, as those of suites are.

use super::codes::Code;

/// Every code of stories, in order.
pub static STORY_CODES: &[&Code] = &[&BAD_FEED, &BAD_MOMENT, &BACKWARDS, &ONE_ACT, &UNKNOWN_EVENT_TYPE, &EMPTY_STORY];

pub(crate) static BAD_FEED: Code = Code {
    code: "L001",
    title: "the feed of HR cannot be read",
    explanation: "A feed is comma-separated values with a header row: `login`, `first name` and `last name`, and `id`, `title`, `department`, `manager`, `groups`, `start date`, `last day`, `leave from`, `leave to` or any key of the Okta profile.",
    remedy: "Mend the value under the caret. Days are written as 2026-03-09, groups by what the script calls them, with `;` between.",
};

pub(crate) static BAD_MOMENT: Code = Code {
    code: "L002",
    title: "no moment of the org's clocks",
    explanation: "A moment is a date and a time as the org's clocks show it. Where clocks are put forward, some moments do not exist.",
    remedy: "Write it as 2026-03-02 09:00, the close of business as 17:00, and the time zone by its name, such as Europe/Vienna.",
};

pub(crate) static BACKWARDS: Code = Code {
    code: "L003",
    title: "a chapter lies before the one above it",
    explanation: "Time passes from chapter to chapter; several may be at the same moment.",
    remedy: "Put the chapters into the order of time, or mend the date.",
};

pub(crate) static ONE_ACT: Code = Code {
    code: "L004",
    title: "a chapter is one act, or a time that passes",
    explanation: "A chapter with `at` has one of `hr`, `do` and `in-app`; a chapter with `advance-to` has none of them.",
    remedy: "Make two chapters of it, or add what is missing.",
};

pub(crate) static UNKNOWN_EVENT_TYPE: Code = Code {
    code: "L005",
    title: "an entry that the System Log never has",
    explanation: "The types of entries are those of Okta's event types catalogue, as far as the mock org has a use for them.",
    remedy: "Write the type as the message suggests it.",
};

pub(crate) static EMPTY_STORY: Code = Code {
    code: "L006",
    title: "a story without apps, chapters or expectations",
    explanation: "Where no app is provisioned, nothing happens or nothing is expected, nothing can fail.",
    remedy: "Add an `[[app]]`, a `[[chapter]]`, or a `[[chapter.expect]]`.",
};
