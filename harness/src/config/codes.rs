//! The codes of what can be wrong with `rehearsal.toml`. Codes are permanent, as those of suites are.

use scim_suite::diagnostic::Code;

/// Every code of the settings file, in order.
pub static CONFIG_CODES: &[&Code] = &[&SYNTAX, &UNKNOWN_TABLE, &UNKNOWN_KEY, &WRONG_TYPE, &BAD_VALUE];

pub(super) static SYNTAX: Code = Code::new(
    "C001",
    "the settings file is not TOML",
    "rehearsal.toml is read as TOML 1.0.",
    "Mend what is under the caret.",
);

pub(super) static UNKNOWN_TABLE: Code = Code::new(
    "C002",
    "a table that the settings file does not have",
    "Settings stand in the tables [target], [auth], [run] and [reports].",
    "Move the keys into one of these; `rehearsal test --help` shows the headings they stand under.",
);

pub(super) static UNKNOWN_KEY: Code = Code::new(
    "C003",
    "a key that is no option of any command",
    "The keys of a table are the long options of the commands, without the two dashes, under the heading that --help shows them under.",
    "Write the option as --help has it, in the table the message names.",
);

pub(super) static WRONG_TYPE: Code = Code::new(
    "C004",
    "a value of the wrong type",
    "A switch is true or false, an option that may be repeated takes an array or one value, every other one a text or a number.",
    "Write the value as the message says.",
);

pub(super) static BAD_VALUE: Code = Code::new(
    "C005",
    "a value that the option does not take",
    "The value is what would be typed behind the option, and is refused for the same reason.",
    "See the option in `rehearsal test --help`.",
);
