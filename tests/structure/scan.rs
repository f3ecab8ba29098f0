//! Just enough of Rust's grammar to see which names a file uses and how long its functions are.

/// An identifier, `::`, or a single sign; comments and literals of text are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text.starts_with(is_word)
    }
}

/// A path such as `crate::keras::Config`, spelt out where it was part of a group, or `println!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<String>,
    pub line: usize,
}

impl Path {
    /// Whether `name`, itself one or more segments, is part of this path.
    pub fn contains(&self, name: &str) -> bool {
        let name: Vec<&str> = name.split("::").collect();
        self.segments.windows(name.len()).any(|window| window == name)
    }
}

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    /// From `fn` to the closing brace.
    pub lines: usize,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

/// Splits a file into tokens.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: source, line: 1, tokens: Vec::new() };
    while !lexer.rest.is_empty() {
        lexer.step();
    }
    lexer.tokens
}

impl Lexer<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.block_comment();
        } else if self.rest.starts_with('"') {
            self.text();
        } else if self.rest.starts_with('\'') {
            self.quote();
        } else if self.rest.starts_with("::") {
            self.emit(2);
        } else if self.rest.starts_with(is_word) {
            self.word();
        } else if self.rest.starts_with(char::is_whitespace) {
            self.skip(self.rest.find(|c: char| !c.is_whitespace()).unwrap_or(self.rest.len()));
        } else {
            self.emit(self.rest.chars().next().map_or(0, char::len_utf8));
        }
    }

    fn skip(&mut self, bytes: usize) {
        let (skipped, rest) = self.rest.split_at(bytes);
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }

    fn emit(&mut self, bytes: usize) {
        self.tokens.push(Token { text: self.rest[..bytes].to_string(), line: self.line });
        self.skip(bytes);
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.skip(2);
            } else {
                self.skip(self.rest.chars().next().map_or(0, char::len_utf8));
            }
            if depth == 0 || self.rest.is_empty() {
                return;
            }
        }
    }

    /// Text in double quotes, which may contain escapes.
    fn text(&mut self) {
        self.skip(1);
        let mut escaped = false;
        let end = self.rest.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        self.skip(end.map_or(self.rest.len(), |at| at + 1));
    }

    /// A character or a lifetime.
    fn quote(&mut self) {
        let mut after = self.rest[1..].char_indices();
        let first = after.next().map_or(' ', |(_, c)| c);
        let second = after.next().map_or((0, ' '), |(at, c)| (at, c));
        if first == '\\' {
            // The escaped character may itself be a quote.
            let close = self.rest[3..].find('\'').map_or(self.rest.len(), |at| at + 4);
            self.skip(close);
        } else if second.1 == '\'' {
            self.skip(1 + second.0 + 1);
        } else {
            self.skip(1 + self.rest[1..].find(|c| !is_word(c)).unwrap_or(self.rest.len() - 1));
        }
    }

    /// An identifier or number, or the start of a raw string.
    fn word(&mut self) {
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(end);
        let hashes = after.len() - after.trim_start_matches('#').len();
        let raw = matches!(word, "r" | "br" | "cr") && after[hashes..].starts_with('"');
        if raw {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = end + hashes + 1;
            let length = self.rest[open..].find(&close).map_or(self.rest.len(), |at| open + at + close.len());
            self.skip(length);
        } else {
            self.emit(end);
        }
    }
}

/// Index just past the group that opens at `open`, or past the end.
fn past_group(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Index just past the item that starts at `at`: past its `;` or its body.
fn past_item(tokens: &[Token], mut at: usize) -> usize {
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at + 1,
            "{" => return past_group(tokens, at),
            "(" | "[" => at = past_group(tokens, at),
            _ => at += 1,
        }
    }
    at
}

/// Whether `#[cfg(test)]` or `#[cfg(all(test, …))]` starts at `at`.
fn is_test_attribute(tokens: &[Token], at: usize) -> bool {
    let text = |offset: usize| tokens.get(at + offset).map_or("", |t: &Token| t.text.as_str());
    let starts = |words: &[&str]| words.iter().enumerate().all(|(offset, word)| text(offset) == *word);
    starts(&["#", "[", "cfg", "(", "test", ")"]) || starts(&["#", "[", "cfg", "(", "all", "(", "test", ","])
}

/// The tokens outside `#[cfg(test)]` items, and the number of lines those items take.
pub fn without_tests(tokens: &[Token]) -> (Vec<Token>, usize) {
    let (mut kept, mut lines, mut at) = (Vec::new(), 0, 0);
    while at < tokens.len() {
        if is_test_attribute(tokens, at) {
            let end = past_item(tokens, past_group(tokens, at + 1));
            lines += tokens[end - 1].line - tokens[at].line + 1;
            at = end;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    (kept, lines)
}

/// Every path in the file, those in `use` groups spelt out. A single identifier is a path, too.
pub fn paths(tokens: &[Token]) -> Vec<Path> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let keyword = tokens[at].text == "use";
        at = if tokens[at].is_word() && !keyword { path(tokens, at, &[], &mut found) } else { at + 1 };
    }
    found
}

/// Reads the path that starts at `at`, after `prefix`; gives the index just past it.
fn path(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Path>) -> usize {
    let line = tokens[at].line;
    let text = |at: usize| tokens.get(at).map_or("", |t: &Token| t.text.as_str());
    let mut segments = prefix.to_vec();
    loop {
        if text(at) == "{" {
            return group(tokens, at, &segments, found);
        }
        segments.push(text(at).to_string());
        at += 1;
        let continues = text(at) == "::"
            && tokens.get(at + 1).is_some_and(|t| t.is_word() || t.text == "{" || t.text == "*");
        if !continues {
            break;
        }
        at += 1;
    }
    if let Some(last) = segments.last_mut().filter(|_| text(at) == "!" && text(at + 1) != "=") {
        last.push('!');
    }
    found.push(Path { segments, line });
    at
}

/// Reads `{a, b::c as d, e::{f}}` after `prefix`.
fn group(tokens: &[Token], open: usize, prefix: &[String], found: &mut Vec<Path>) -> usize {
    let end = past_group(tokens, open);
    let mut at = open + 1;
    while at + 1 < end {
        at = match tokens[at].text.as_str() {
            "as" => at + 2,
            "," => at + 1,
            _ => path(tokens, at, prefix, found),
        };
    }
    end
}

/// Every function that has a body.
pub fn functions(tokens: &[Token]) -> Vec<Function> {
    let starts = tokens.windows(2).enumerate().filter(|(_, pair)| pair[0].text == "fn" && pair[1].is_word());
    starts.filter_map(|(at, pair)| function(tokens, at, &pair[1].text)).collect()
}

fn function(tokens: &[Token], at: usize, name: &str) -> Option<Function> {
    let last = past_item(tokens, at) - 1;
    let line = tokens[at].line;
    let has_body = tokens[last].text == "}";
    has_body.then(|| Function { name: name.to_string(), line, lines: tokens[last].line - line + 1 })
}

/// The modules that a file declares, in order.
pub fn modules(tokens: &[Token]) -> Vec<String> {
    let declared = tokens.windows(3).filter(|three| three[0].text == "mod" && three[2].text == ";");
    declared.map(|three| three[1].text.clone()).collect()
}
