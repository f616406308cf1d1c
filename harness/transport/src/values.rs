//! A bound on how many values a JSON body may have: each takes many times the memory that it takes on the wire.

use crate::Limits;
use scim_record::Failure;

/// Refuses a body with more values than anybody reads; what is no JSON has none.
pub(crate) fn check(body: &[u8]) -> Result<(), Failure> {
    // Each value takes a byte at least, so that nearly all bodies need no second look.
    if body.len() <= Limits::MOST_VALUES {
        return Ok(());
    }
    let begins = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(begins, Some(b'{' | b'[')) && count(body) > Limits::MOST_VALUES {
        return Err(Failure::TooLarge { cause: format!("its body has more than {} JSON values", Limits::MOST_VALUES) });
    }
    Ok(())
}

/// Returns how many values there are, or a few more: each stands behind a comma, a colon or an opening bracket.
fn count(body: &[u8]) -> usize {
    let (mut found, mut in_string, mut is_escaped) = (0, false, false);
    for byte in body {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => found += 1,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_values_as_allowed_pass_and_one_more_does_not() {
        let list = |values: usize| format!(" [{}1]", "1,".repeat(values - 1));
        assert_eq!(check(list(Limits::MOST_VALUES).as_bytes()), Ok(()));
        let refused = check(list(Limits::MOST_VALUES + 1).as_bytes());
        assert!(matches!(refused, Err(Failure::TooLarge { .. })), "{refused:?}");
    }

    #[test]
    fn what_stands_in_strings_or_in_other_formats_does_not_count() {
        let commas = ",[{".repeat(Limits::MOST_VALUES);
        assert_eq!(check(format!("{{\"a\\\"\":\"{commas}\"}}").as_bytes()), Ok(()));
        assert_eq!(check(format!("<p>{commas}</p>").as_bytes()), Ok(()));
        assert_eq!(check(b""), Ok(()));
    }
}
