//! Every code a diagnostic can have. Codes are permanent: one that is no longer raised is not given to something else.

/// What a diagnostic code means.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) explanation: &'static str,
    pub(super) remedy: &'static str,
}

impl Code {
    /// Returns a code of another kind of file than suites.
    pub const fn new(code: &'static str, title: &'static str, explanation: &'static str, remedy: &'static str) -> Code {
        Code { code, title, explanation, remedy }
    }

    /// Returns the code itself, for example `S010`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Returns what is wrong, in a few words.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Returns why it is a mistake.
    pub fn explanation(&self) -> &'static str {
        self.explanation
    }

    /// Returns what to do about it.
    pub fn remedy(&self) -> &'static str {
        self.remedy
    }

    /// Returns the code of this name.
    pub fn named(name: &str) -> Option<&'static Code> {
        CODES.iter().copied().find(|code| code.code == name)
    }
}

/// Every code, in order.
pub static CODES: &[&Code] = &[
    &SYNTAX,
    &UNKNOWN_KEY,
    &UNKNOWN_WORD,
    &MISSING_KEY,
    &WRONG_TYPE,
    &NO_CASES,
    &NO_STEPS,
    &EMPTY_TEXT,
    &NEWER_TOML,
    &BODY_NOT_JSON,
    &BASIC_STRING,
    &DUPLICATE_MEMBER,
    &UNKNOWN_TEMPLATE_WORD,
    &UNKNOWN_PATTERN_WORD,
    &MISPLACED_WORD,
    &INCOMPLETE_WORD,
    &UNCLOSED_WORD,
    &BAD_NAME,
    &TEMPLATE_IN_NAME,
    &DUPLICATE_ID,
    &UNBOUND,
    &UNKNOWN_REFERENCE,
    &UNKNOWN_BUG,
    &NOT_KEBAB_CASE,
    &SUITE_NAME,
    &SEND_OR_DO,
    &BAD_REQUEST_LINE,
    &BAD_STATUS,
    &MISFIT_EXPECT,
    &MISFIT_KEY,
    &TWO_BODIES,
    &UNKNOWN_PROFILE_KEY,
    &NO_OKTA,
    &OKTA_WITHOUT_EVENT,
    &OVERSTATED,
    &UNKNOWN_CHECK,
    &EXACT_WITHOUT_PATTERN,
    &BAD_HEADER,
    &BAD_AUTH,
    &BAD_APPS,
    &RESERVED_NAME,
    &UNKNOWN_CAST,
    &ONE_VALUE,
    &BAD_SETTING,
    &NOBODY,
    &MISSING_GOLDEN,
    &UNUSED_GOLDEN,
    &MALFORMED_GOLDEN,
    &GOLDEN_MISFIT,
    &LACKS_KEY,
    &BAD_PARALLEL,
    &EMPTY_EXPECT,
    &BAD_PLAN_ROW,
    &UNKNOWN_PLAN_ROW,
    &UNCOVERED,
    &NEEDLESS_REASON,
    &UNKNOWN_REQUIREMENT,
    &CIRCULAR_REQUIREMENT,
    &WEAK_REQUIREMENT,
    &BAD_GIVEN,
    &BAD_READING,
    &UNKNOWN_SAVED,
    &LONELY_KEY,
    &BAD_PAGES,
    &BAD_EACH,
    &CONTRADICTION,
    &LONG_PAUSE,
    &BESIDE_FUZZ,
    &BAD_FUZZ,
    &UNMARKED_NAME,
];

pub(crate) static SYNTAX: Code = Code {
    code: "S001",
    title: "the file is not TOML",
    explanation: "Suite files are TOML 1.0. Nothing in a file is looked at before all of it is TOML.",
    remedy: "Mend the line under the caret. JSON goes between `'''` and `'''`.",
};

pub(crate) static UNKNOWN_KEY: Code = Code {
    code: "S002",
    title: "unknown key",
    explanation: "A key the loader does not know would do nothing, and a case that does nothing passes. So it is refused.",
    remedy: "Look for a slip of the keyboard, and whether the key stands under the right header: `[[case]]`, `[case.okta]`, `[[case.okta.person]]`, `[[case.okta.group]]` or `[[case.step]]`.",
};

pub(crate) static UNKNOWN_WORD: Code = Code {
    code: "S003",
    title: "unknown word",
    explanation: "The key takes one of a few words.",
    remedy: "Write one of the words that the message lists.",
};

pub(crate) static MISSING_KEY: Code = Code {
    code: "S004",
    title: "a key is missing",
    explanation: "A suite has a name and a title; a case has an id, a title, its rule and a level; an app says which kind it is; people and groups say what the case calls them.",
    remedy: "Add the key.",
};

pub(crate) static WRONG_TYPE: Code = Code {
    code: "S005",
    title: "wrong type of value",
    explanation: "The key takes another type: a text in quotes, a whole number, `true` or `false`, an array, a table.",
    remedy: "Write the value as the message expects it. Cases and steps are headed by `[[case]]` and `[[case.step]]`.",
};

pub(crate) static NO_CASES: Code = Code {
    code: "S006",
    title: "a suite has no cases",
    explanation: "A suite without cases tests nothing, but would be counted.",
    remedy: "Add a `[[case]]`, or remove the file.",
};

pub(crate) static NO_STEPS: Code = Code {
    code: "S007",
    title: "a case has no steps",
    explanation: "A case without steps, or random inputs in their place, would always pass.",
    remedy: "Add a `[[case.step]]` with `send` or `do`, or `[case.fuzz]`.",
};

pub(crate) static EMPTY_TEXT: Code = Code {
    code: "S008",
    title: "a text is empty",
    explanation: "Titles, rules and advice are shown to people who have to act on them.",
    remedy: "Write the sentence, or leave the key out where it is optional.",
};

pub(crate) static NEWER_TOML: Code = Code {
    code: "S009",
    title: "newer than TOML 1.0",
    explanation: "Since TOML 1.1 an inline table may go over several lines. The editors and formatters that people use for suite files know TOML 1.0.",
    remedy: "Write the inline table on one line, or its entries as `table.key = value` lines.",
};

pub(crate) static BODY_NOT_JSON: Code = Code {
    code: "S010",
    title: "the body is not JSON",
    explanation: "`json`, `expect.json`, `expect.remote` and the bodies of goldens are JSON as RFC 8259 defines it; words like `{{any}}` only stand inside strings.",
    remedy: "Mend the JSON under the caret. A body that must not be JSON is sent with `text`.",
};

pub(crate) static BASIC_STRING: Code = Code {
    code: "S011",
    title: "JSON in a string with escapes",
    explanation: "In TOML strings with double quotes the backslash is TOML's. The bytes in the file would not be the bytes of the JSON, and no caret could be put under them.",
    remedy: "Put the JSON between `'''` and `'''`, or on one line between `'` and `'`.",
};

pub(crate) static DUPLICATE_MEMBER: Code = Code {
    code: "S012",
    title: "a member is there twice",
    explanation: "What an object with the same name twice means is left open by RFC 8259 §4; in a pattern one of them would be lost.",
    remedy: "Remove one. To send such an object on purpose, use `text`.",
};

pub(crate) static UNKNOWN_TEMPLATE_WORD: Code = Code {
    code: "S013",
    title: "unknown template word",
    explanation: "A template word is `{{run}}`, `{{run.upper}}`, `{{base}}`, `{{okta.id}}`, `{{user.userName}}` and the other `user.` words, `{{grace.id}}` or `{{grace.userName}}` of a person and `{{crew.id}}` or `{{crew.name}}` of a group of the case, or a name that a step has bound.",
    remedy: "Write one of these, or bind the name with `{{bind NAME}}` first.",
};

pub(crate) static UNKNOWN_PATTERN_WORD: Code = Code {
    code: "S014",
    title: "unknown pattern word",
    explanation: "A pattern with a word the loader does not know would match only that very text, that is, nothing.",
    remedy: "Write one of the words that the message lists.",
};

pub(crate) static MISPLACED_WORD: Code = Code {
    code: "S015",
    title: "a pattern word where it means nothing",
    explanation: "A pattern word matches values, so it only stands where an answer is expected, and there it is a whole string. `{{unordered}}`, `{{contains}}` and `{{each}}` are the first element of an array.",
    remedy: "Make it a string of its own in a pattern, or write the text itself.",
};

pub(crate) static INCOMPLETE_WORD: Code = Code {
    code: "S016",
    title: "a pattern word lacks what follows it",
    explanation: "Some words need more: `{{bind NAME}}`, `{{loosely VALUE}}`, `{{one-of A|B}}`, `{{absent-or WORD}}`, `{{ignoring-case TEXT}}`; `{{contains}}` needs at least one pattern behind it in the array and `{{each}}` exactly one.",
    remedy: "Complete it.",
};

pub(crate) static UNCLOSED_WORD: Code = Code {
    code: "S017",
    title: "a `{{` is not closed",
    explanation: "`{{` opens a word and `}}` closes it. Words nest, as in `{{ignoring-case {{run}}.ada}}`.",
    remedy: "Close the word.",
};

pub(crate) static BAD_NAME: Code = Code {
    code: "S018",
    title: "a name cannot be bound",
    explanation: "A name is a letter, then letters, digits, `-` and `_`, and it is none of the words with a meaning of their own.",
    remedy: "Choose another name.",
};

pub(crate) static TEMPLATE_IN_NAME: Code = Code {
    code: "S019",
    title: "a template in a member name",
    explanation: "Templates are filled in values. In the name of a member the braces would be sent, or looked for, as they are.",
    remedy: "Write the name itself, or send the body with `text`.",
};

pub(crate) static DUPLICATE_ID: Code = Code {
    code: "S020",
    title: "an id is used twice",
    explanation: "Reports, lists of known failures and `--case` name things by their id, so it belongs to one of them only: a case in its suite, a suite, a reference, a row of vendor bugs or of the test plan. People and groups share the names of their case, and a list names each of them once.",
    remedy: "Give the later one another id. Never renumber the earlier one.",
};

pub(crate) static UNBOUND: Code = Code {
    code: "S021",
    title: "a name is used before a step binds it",
    explanation: "`{{NAME}}` stands for what an earlier answer had at `{{bind NAME}}`; `{{id}}` and `{{user.id}}` are also bound by `do = \"assign\"`, `{{grace.id}}` by an event that assigns that person, `{{crew.id}}` by one that pushes or links that group, and the words of a person need `[case.okta]`. Steps that happen at the same time know nothing of each other. A step may use in its `expect` what the same `expect` binds.",
    remedy: "Bind the name in an earlier step, or mend its spelling.",
};

pub(crate) static UNKNOWN_REFERENCE: Code = Code {
    code: "S022",
    title: "unknown clause",
    explanation: "A rule names its sources by ids of `references.toml`, so that every report can link to them.",
    remedy: "Mend the id, or add the source to `references.toml`.",
};

pub(crate) static UNKNOWN_BUG: Code = Code {
    code: "S023",
    title: "unknown vendor bug",
    explanation: "`bugs` are rows of `vendor-bugs.toml`, bugs of real servers with their evidence.",
    remedy: "Mend the number, or add the row to `vendor-bugs.toml`.",
};

pub(crate) static NOT_KEBAB_CASE: Code = Code {
    code: "S024",
    title: "an id is not in kebab-case",
    explanation: "Ids become names of tests, parts of URLs and arguments of shells: lower-case letters and digits, in words joined by single hyphens.",
    remedy: "Write it as `required-attributes-only`; the parts of a suite's name are joined by `/`.",
};

pub(crate) static SUITE_NAME: Code = Code {
    code: "S025",
    title: "a suite is not named after its file",
    explanation: "The name of a suite is where its file is found: `okta/lifecycle` is `okta/lifecycle.toml`.",
    remedy: "Rename the suite or the file.",
};

pub(crate) static SEND_OR_DO: Code = Code {
    code: "S030",
    title: "a step has both or neither of `send` and `do`",
    explanation: "A step is one request (`send`) or one Okta event (`do`).",
    remedy: "Keep one of them; what happens next is a `[[case.step]]` of its own.",
};

pub(crate) static BAD_REQUEST_LINE: Code = Code {
    code: "S031",
    title: "a malformed request line",
    explanation: "`send` is the method in capitals, one space, and the target below the base URL: it starts with `/` and is percent-encoded, as nothing is encoded on the way.",
    remedy: "Write it as `GET /Users?filter=userName%20eq%20%22ada%22`.",
};

pub(crate) static BAD_STATUS: Code = Code {
    code: "S032",
    title: "no status of HTTP",
    explanation: "A status has three digits, from 100 to 599 (RFC 9110 §15), and an empty list of statuses would accept none.",
    remedy: "Write `200`, or `[200, 204]`.",
};

pub(crate) static MISFIT_EXPECT: Code = Code {
    code: "S033",
    title: "an expectation that does not fit the step",
    explanation: "A request has one answer: `expect.status`, `headers`, `json`, `text`, `exact`, `checks`, `within`. An event is many requests, so it is judged by what comes of it: `expect.outcome`, `remote`, `exact`, `found`, `requests`, `waits`, `longest-wait`, and `import` of an import. An event that is about nobody in particular has no `remote` and no `found`.",
    remedy: "Use the expectations of the step's kind, or read the state with a `send` step of its own.",
};

pub(crate) static MISFIT_KEY: Code = Code {
    code: "S034",
    title: "a key that does not fit the step",
    explanation: "Body, headers and credentials of an event are Okta's business. Each word takes what it is about: `who` for words about people, `group` for words about groups, `set` for `update`, `name` for `link-group`, `rename-group` and rules, `delete` for `unlink-group` and `delete-rule`.",
    remedy: "Remove the key, or move it to a step it fits.",
};

pub(crate) static TWO_BODIES: Code = Code {
    code: "S035",
    title: "two bodies",
    explanation: "A message has one body: `json` or `text`.",
    remedy: "Remove one of them.",
};

pub(crate) static UNKNOWN_PROFILE_KEY: Code = Code {
    code: "S036",
    title: "unknown profile key",
    explanation: "`set` and `profile` use the keys of the Okta profile that an app of the mock org maps.",
    remedy: "Write one of the keys that the message lists.",
};

pub(crate) static NO_OKTA: Code = Code {
    code: "S037",
    title: "an event without an app",
    explanation: "What an event becomes on the wire depends on the app integration.",
    remedy: "Add `[case.okta]` with `app = \"catalog\"`, `\"wizard\"`, `\"aiw\"`, `\"catalog-1.1\"` or `\"aiw-1.1\"`.",
};

pub(crate) static OKTA_WITHOUT_EVENT: Code = Code {
    code: "S038",
    title: "an app without an event",
    explanation: "A case runs once for each of its apps. Without an event the runs would all be the same.",
    remedy: "Remove `[case.okta]`, or add a step with `do`.",
};

pub(crate) static OVERSTATED: Code = Code {
    code: "S039",
    title: "an inferred rule at the level of a standard",
    explanation: "`basis = \"inferred\"` says that we conclude what Okta does. What an RFC demands is never inferred: it is written there, or it is no rule.",
    remedy: "Make the level `okta`, or show where the standard says so and leave `basis` out.",
};

pub(crate) static UNKNOWN_CHECK: Code = Code {
    code: "S040",
    title: "unknown check",
    explanation: "A check is a piece of the engine, called by its name. One that does not exist would pass.",
    remedy: "Write one of the names that the message lists.",
};

pub(crate) static EXACT_WITHOUT_PATTERN: Code = Code {
    code: "S041",
    title: "`expect.exact` without a pattern",
    explanation: "`expect.exact` closes the objects of `expect.json` or `expect.remote`; without them it does nothing.",
    remedy: "Add the pattern, or remove `expect.exact`.",
};

pub(crate) static BAD_HEADER: Code = Code {
    code: "S042",
    title: "not a header name",
    explanation: "The name of a header is a token (RFC 9110 §5.6.2): letters, digits and a few signs, no white space and no colon.",
    remedy: "Mend the name.",
};

pub(crate) static BAD_AUTH: Code = Code {
    code: "S043",
    title: "unknown way to authenticate",
    explanation: "A request authenticates as the run was told, or not at all, or with a value of its own.",
    remedy: "Leave `auth` out, or write `\"none\"`, or `\"raw \"` and the value of the Authorization header.",
};

pub(crate) static BAD_APPS: Code = Code {
    code: "S044",
    title: "no app, or one twice",
    explanation: "A case runs once for each app in its list. Without one it would never run, with one twice it would have the same name twice.",
    remedy: "List each app once, and at least one.",
};

pub(crate) static RESERVED_NAME: Code = Code {
    code: "S045",
    title: "a name of the cast that means something else",
    explanation: "People and groups are called in templates by what stands behind `as`: `{{grace.id}}`, `{{crew.name}}`. `user` is the person of `[case.okta]`; `run`, `base`, `okta` and `last` are words of their own.",
    remedy: "Choose another name.",
};

pub(crate) static UNKNOWN_CAST: Code = Code {
    code: "S046",
    title: "a person or group that the case does not have",
    explanation: "`who` and `members` name people: `user`, or what a `[[case.okta.person]]` has behind `as`. `group` names what a `[[case.okta.group]]` has there.",
    remedy: "Mend the name, or add the person or the group under `[case.okta]`.",
};

pub(crate) static ONE_VALUE: Code = Code {
    code: "S047",
    title: "an array for an attribute that has one value",
    explanation: "Only some attributes of the Okta profile are arrays: `roles` and `entitlements`. The others are one text.",
    remedy: "Write one text.",
};

pub(crate) static BAD_SETTING: Code = Code {
    code: "S048",
    title: "a setting out of range",
    explanation: "`group-batch` is how many changes of a membership one PATCH holds. Okta lets vendors choose up to 1000, and a batch of none would never end.",
    remedy: "Write a number from 1 to 1000.",
};

pub(crate) static NOBODY: Code = Code {
    code: "S049",
    title: "an event of nobody",
    explanation: "An empty `who` would make an event that happens to nobody, sends nothing and passes.",
    remedy: "Name somebody, or leave `who` out: then it is `user`.",
};

pub(crate) static MISSING_GOLDEN: Code = Code {
    code: "S050",
    title: "the golden is not there",
    explanation: "`golden` is the path of an `.http` transcript, relative to the suite file.",
    remedy: "Mend the path, or add the file.",
};

pub(crate) static UNUSED_GOLDEN: Code = Code {
    code: "S051",
    title: "a golden that no case uses",
    explanation: "A transcript that nothing is compared with looks like a test and is none.",
    remedy: "Name it in the `golden` of a case, or remove it.",
};

pub(crate) static MALFORMED_GOLDEN: Code = Code {
    code: "S052",
    title: "a malformed transcript",
    explanation: "A transcript has a block for each event: `### label`, then for each exchange `> METHOD /target`, `> Header: value` lines, at most one line of JSON, and `< 200 | 204`, which may end in `bind NAME`.",
    remedy: "Mend the line under the caret.",
};

pub(crate) static GOLDEN_MISFIT: Code = Code {
    code: "S053",
    title: "a golden that does not follow its case",
    explanation: "The blocks of a transcript are the events of the case, by name and in order; an event that sends nothing has an empty block.",
    remedy: "Let each `###` line start with the event's name, one for each step with `do`.",
};

pub(crate) static LACKS_KEY: Code = Code {
    code: "S054",
    title: "an event lacks a key",
    explanation: "Some words need to know more: the words for groups need `group`, `rename-group` and the words for rules need `name`.",
    remedy: "Add the key.",
};

pub(crate) static BAD_PARALLEL: Code = Code {
    code: "S055",
    title: "parallel to nothing, or to a golden",
    explanation: "Consecutive steps with `parallel = true` happen at the same time, so there are at least two of them; and their requests come in any order, while a golden has one.",
    remedy: "Make the neighbouring step parallel, too, or leave `parallel` or `golden` out.",
};

pub(crate) static EMPTY_EXPECT: Code = Code {
    code: "S056",
    title: "an expectation that expects nothing",
    explanation: "A counter of `expect.import` that is left out is not compared. Without any, whatever was imported would pass.",
    remedy: "Name at least one counter: `scanned`, `new`, `updated`, `unchanged`, `removed`.",
};

pub(crate) static BAD_PLAN_ROW: Code = Code {
    code: "S060",
    title: "a malformed row of the test plan",
    explanation: "A row of `plan.toml` has the id of a case of the Okta Integration Network, `C` and a number. What cases do (`auto`, `part`) says `how`; what a human does (`part`, `human`) says what is `left`; only what a case could do may be `uncovered`.",
    remedy: "Add what the class needs, remove what does not fit it.",
};

pub(crate) static UNKNOWN_PLAN_ROW: Code = Code {
    code: "S061",
    title: "a reference to a row that the test plan does not have",
    explanation: "A reference of the kind `plan` is a row of `plan.toml`, so that its coverage can be counted.",
    remedy: "Mend the id, or add the row to `plan.toml`.",
};

pub(crate) static UNCOVERED: Code = Code {
    code: "S062",
    title: "a row that no case looks at",
    explanation: "The rows of `plan.toml` that cases can do, and those of `vendor-bugs.toml`, are what the suites promise to look at.",
    remedy: "Name the row in the `ref` or `bugs` of a case, or say in `uncovered` why there is none.",
};

pub(crate) static NEEDLESS_REASON: Code = Code {
    code: "S063",
    title: "a reason for a gap that is closed",
    explanation: "`uncovered` says why no case looks at a row. Once one does, the reason is no longer true.",
    remedy: "Remove `uncovered`.",
};

pub(crate) static UNKNOWN_REQUIREMENT: Code = Code {
    code: "S064",
    title: "a requirement that is no case",
    explanation: "`requires` names cases by their full ids, `rfc7644/users/create`, or by their ids alone where they stand in the same file. A case that requires one that does not exist would never be held back.",
    remedy: "Mend the id.",
};

pub(crate) static CIRCULAR_REQUIREMENT: Code = Code {
    code: "S065",
    title: "a case that requires itself",
    explanation: "Cases run after those they require. Where they require each other, none of them could be the first.",
    remedy: "Leave one of the requirements out. The basics require nothing.",
};

pub(crate) static WEAK_REQUIREMENT: Code = Code {
    code: "S066",
    title: "a requirement that binds less than what requires it",
    explanation: "A case is skipped where one that it requires does not pass. If that one only warned, or tested what a server is free to leave out, a rule that binds more would go unjudged for it. The order is `okta`, `must`, `should`, `may`; what is inferred or disputed binds only what is so itself.",
    remedy: "Require a case that binds as much, or split off the part of it that does.",
};

pub(crate) static BAD_GIVEN: Code = Code {
    code: "S067",
    title: "a malformed `given`",
    explanation: "`given` is a resource type, the path of an attribute of it, and perhaps characteristics: `User nickName`, `User userName caseExact=false`, `Group members.display`.",
    remedy: "Write it so. Characteristics are `type`, `multiValued`, `required`, `caseExact`, `mutability`, `returned` and `uniqueness`, with the values of RFC 7643 section 7.",
};

pub(crate) static BAD_READING: Code = Code {
    code: "S068",
    title: "a reading that tells nothing apart",
    explanation: "A `[[case.reading]]` is one way to read the standard: what the answer to the last step is like if the server reads it so. A name of its own, something to compare, and at least one other reading make it tell something.",
    remedy: "Give each reading a name of its own and a `status`, `json` or `text`; let the last step be a request of its own.",
};

pub(crate) static UNKNOWN_SAVED: Code = Code {
    code: "S069",
    title: "nothing was saved under this name",
    explanation: "`expect.equals` and `body-of` take what an earlier step of the same case has kept with `save`.",
    remedy: "Mend the name, or add `save` to the step whose answer is meant.",
};

pub(crate) static LONELY_KEY: Code = Code {
    code: "S070",
    title: "a key without the one it belongs to",
    explanation: "`with` changes what `body-of` names, `expect.except` says what may differ from `expect.equals`, `page-size` is about `pages`. Alone they do nothing.",
    remedy: "Add the other key, or remove this one.",
};

pub(crate) static BAD_PAGES: Code = Code {
    code: "S071",
    title: "pages that cannot be walked",
    explanation: "`pages` lets the engine ask for one page after the other with GET, so the target leaves out `startIndex`, `count` and `cursor`, and nothing else is done at the same time. Cases run side by side: so that the list does not change on the way, the target filters for what the case made, or the case is `exclusive`.",
    remedy: "Add a filter with `{{run}}` to the target, and leave paging to the engine.",
};

pub(crate) static BAD_EACH: Code = Code {
    code: "S072",
    title: "an `each` that repeats nothing, or cannot be repeated",
    explanation: "A step with `each` is performed once for each of its values, one after the other. Values are there, differ, and can stand where `{{each}}` puts them; in a target that is as they are, so they are percent-encoded already (or the hole is `{{each.encoded}}`).",
    remedy: "List the values, and use `{{each}}` somewhere in the request.",
};

pub(crate) static BESIDE_FUZZ: Code = Code {
    code: "S075",
    title: "something beside random inputs",
    explanation: "A case either has steps, written by hand, or `[case.fuzz]`: random inputs that the engine makes and judges. An app, a golden and readings belong to steps, and random inputs go to SCIM service providers only.",
    remedy: "Make two cases of it.",
};

pub(crate) static BAD_FUZZ: Code = Code {
    code: "S076",
    title: "random inputs that cannot be sent",
    explanation: "`only` holds words of what is fuzzed, each once; `cases` is from 1 to 100000; a regression has the day it was found, `2026-11-23`, and an input that no other has.",
    remedy: "Take one of the words that the message names, another number, or the regression as the finding printed it.",
};

pub(crate) static UNMARKED_NAME: Code = Code {
    code: "S077",
    title: "a new object whose name does not bear the mark of the run",
    explanation: "What a case creates is removed at the end, and nobody else's is touched. Both rest on the name: `{{run}}` in the userName of a user or the displayName of a group tells ours from a stranger's, and lets a run find again what an answer kept silent about.",
    remedy: "Put `{{run}}` into the name.",
};

pub(crate) static LONG_PAUSE: Code = Code {
    code: "S074",
    title: "a pause that nobody waits for",
    explanation: "A `pause` is for servers whose clocks count in seconds. It holds up the whole run.",
    remedy: "Write at most 10000 milliseconds; about a second is enough for a clock.",
};

pub(crate) static CONTRADICTION: Code = Code {
    code: "S073",
    title: "words that contradict each other",
    explanation: "What a case needs cannot be lacking as well, and a status is either what the step goes on with, or ends the case as passed, or ends it as skipped.",
    remedy: "Decide for one of them.",
};
