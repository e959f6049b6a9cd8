//! What a page would fetch, from its text alone.

/// Attributes that make a browser fetch something.
const ATTRIBUTES: [&str; 10] = [
    "src",
    "srcset",
    "href",
    "xlink:href",
    "data",
    "action",
    "poster",
    "background",
    "ping",
    "formaction",
];

/// Elements that fetch, run or embed something.
const ELEMENTS: [&str; 12] = [
    "script", "link", "img", "image", "iframe", "frame", "object", "embed", "use", "base", "audio",
    "video",
];

/// Each element, attribute or style that refers to something outside; `#…` is inside. Text of
/// labels and names is none of them, whatever it says.
pub(crate) fn references(html: &str) -> Vec<String> {
    let mut found = vec![];
    let mut style = String::new();
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag.split([' ', '\n', '/']).next().unwrap_or("").to_lowercase();
        if ELEMENTS.contains(&&*name) {
            found.push(format!("<{tag}>"));
        }
        if name == "style" {
            style += text;
        }
        // An odd piece between quotes is a value; the piece before it ends with the name.
        let pieces: Vec<&str> = tag.split(['"', '\'']).collect();
        for pair in pieces.chunks(2) {
            let [before, value] = pair else { continue };
            let attribute = before.trim().trim_end_matches('=').to_lowercase();
            let attribute = attribute.split_whitespace().last().unwrap_or("");
            let is_handler = attribute.starts_with("on");
            if is_handler || (ATTRIBUTES.contains(&attribute) && !value.starts_with('#')) {
                found.push(format!("{attribute}={value}"));
            }
            if attribute == "style" {
                style += value;
            }
        }
    }
    let calls = ["url(", "@import", "image-set(", "src("];
    found.extend(calls.into_iter().filter(|call| style.contains(call)).map(str::to_owned));
    found
}
