//! Words of others made fit to be shown: short, on one line, and in a page nothing but words.

/// Shortens a text and takes out what steers a terminal.
pub(super) fn plain(text: &str) -> String {
    let letters: Vec<char> = text.chars().filter(|letter| !letter.is_control()).take(MOST_LETTERS + 1).collect();
    match letters.len() > MOST_LETTERS {
        true => letters[..MOST_LETTERS].iter().collect::<String>() + "…",
        false => letters.into_iter().collect(),
    }
}

/// Escapes a text for an HTML page.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

const MOST_LETTERS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_are_short_and_steer_nothing() {
        assert_eq!(plain("a\u{1b}[31m\r\nb"), "a[31mb");
        assert_eq!(plain(&"é".repeat(200)).chars().count(), 200);
        assert_eq!(plain(&"é".repeat(201)), "é".repeat(200) + "…");
        assert_eq!(html("<b>'\"&"), "&lt;b&gt;&#39;&quot;&amp;");
    }
}
