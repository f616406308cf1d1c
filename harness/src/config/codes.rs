//! The codes of what can be wrong with `rehearsal.toml`. Codes are permanent, as those of suites are.

use scim_suite::diagnostic::Code;

/// Every code of the settings file, in order.
pub static CONFIG_CODES: &[&Code] = &[&SYNTAX, &UNKNOWN_TABLE, &UNKNOWN_KEY, &WRONG_TYPE, &BAD_VALUE, &RIVALS];

pub(super) static SYNTAX: Code = Code::new(
    "C001",
    "the settings file is not TOML",
    "rehearsal.toml is read as TOML 1.0.",
    "Mend what is under the caret.",
);

pub(super) static UNKNOWN_TABLE: Code = Code::new(
    "C002",
    "a table that the settings file does not have",
    "Settings stand in four tables. [target] takes url, the base URL, and the options that --help shows under Options, \
     Connection and Safety; [auth] takes those under Authentication, [run] those under Run, [reports] those under Output.",
    "Move the keys into one of these, as `rehearsal test --help` shows the options.",
);

pub(super) static UNKNOWN_KEY: Code = Code::new(
    "C003",
    "a key that is no option of any command",
    "The keys of a table are long options of the commands without the two dashes, but for those that are questions of the \
     moment, such as --list; `rehearsal explain C002` says which table takes which.",
    "Write the option as --help has it, in the table the message names.",
);

pub(super) static WRONG_TYPE: Code = Code::new(
    "C004",
    "a value of the wrong type",
    "A switch is true or false, an option that may be repeated takes an array or one value, every other one a text, or a number where the option counts or measures.",
    "Write the value as the message says.",
);

pub(super) static BAD_VALUE: Code = Code::new(
    "C005",
    "a value that the option does not take",
    "The value is what would be typed behind the option, and is refused for the same reason.",
    "See the option in `rehearsal test --help`.",
);

pub(super) static RIVALS: Code = Code::new(
    "C006",
    "settings that exclude each other",
    "Options that exclude each other on the command line do so in the file, such as two ways to authenticate.",
    "Keep one of them. An option that is typed replaces the settings it excludes.",
);
