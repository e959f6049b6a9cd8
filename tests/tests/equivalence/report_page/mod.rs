//! The report of a detector in a real browser: it renders, and nothing is fetched.

mod browser;
mod fetched;

use ae_detect::report::DetectReport;
use ae_report::html;
use ae_tests::report::Example;
use image::{Rgb, RgbImage};

use browser::{Scheme, draw, read};
use fetched::references;

const SECTIONS: [&str; 9] = [
    "The data",
    "Scores",
    "Threshold and false alarms",
    "Detection",
    "Events",
    "Float against int8",
    "PCA beside the autoencoder",
    "What was trained",
    "Signal, reconstruction and alarms",
];

fn example(channels: usize, abnormal: bool) -> DetectReport {
    Example { channels, abnormal, pca_is_as_good: false }.report()
}

/// The policy of the page, which a browser heeds.
fn policy(page: &str) -> &str {
    let start = page.find("<meta http-equiv=\"Content-Security-Policy\"").expect("a policy");
    let end = page[start..].find('>').expect("a whole element");
    &page[start..=start + end]
}

/// How many pixels are not of the page's own colour, which its corner has.
fn drawn(picture: &RgbImage) -> usize {
    let page = picture.get_pixel(0, 0);
    picture.pixels().filter(|pixel| *pixel != page).count()
}

#[test]
fn a_browser_shows_all_sections_and_fetches_nothing() {
    for (channels, abnormal) in [(1, true), (12, true), (1, false)] {
        let report = example(channels, abnormal);
        let page = html(&report);
        let seen = read(&page);
        assert_eq!(seen.console, Vec::<String>::new());
        // In this order: no figure stands below the drawings, which may be many.
        let places = SECTIONS.map(|section| seen.dom.find(&format!("<h2>{section}</h2>")));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
        // The browser has made elements of the drawings, one a channel and one of scores.
        let drawings = seen.dom.split("class=\"strip").nth(1).expect("a strip");
        let drawings = drawings.split("</section>").next().expect("text");
        assert_eq!(drawings.matches("</svg>").count(), channels.min(8) + 1 + 2);
        // Of a drift, where it is told, and that of others nothing is drawn.
        let drift = drawings.split("class=\"drift\"").nth(1).expect("courses");
        assert!(drift.contains("told with sample 6399, line 6401"), "{drift}");
        assert_eq!(drift.matches("class=\"alarm\"").count(), 1);
        assert!(drift.contains("none told") && drift.contains("10 more pieces are not drawn"));
        let last = &report.data.channels[channels - 1];
        assert!(drawings.contains(last), "the alarms' channel {last} is drawn");
        assert_eq!(drawings.contains("4 more are not drawn"), channels == 12);
        assert!(drawings.contains("class=\"divider\""), "between two pieces");
        let place = "lines 12802 to 13041, samples 12800 to 13039";
        assert!(seen.dom.contains(place), "{drawings}");
        assert_eq!(seen.dom.contains("aria-label=\"ROC curves\""), abnormal);
        assert_eq!(seen.dom.contains("nothing is known about what"), !abnormal);

        assert!(
            policy(&page).contains("content=\"default-src 'none'; style-src 'unsafe-inline'\"")
        );
        assert_eq!(references(&page), Vec::<String>::new());
        let rest = page.replace(policy(&page), "");
        for word in ["http", "//", "src=", "href=", "@import", "url(", "<script"] {
            assert!(!rest.contains(word), "{word}");
        }
    }
}

#[test]
fn it_is_drawn_in_light_and_dark_on_phones_and_screens() {
    let page = html(&example(3, true));
    for width in [400, 1200] {
        let [light, dark] = [Scheme::Light, Scheme::Dark].map(|of| draw(&page, width, 1600, of));
        for picture in [&light, &dark] {
            assert_eq!(picture.dimensions(), (width, 1600));
            let share = drawn(picture) as f64 / f64::from(width * 1600);
            assert!((0.02..0.6).contains(&share), "{share} of the page is drawn on");
        }
        assert_eq!(light.get_pixel(0, 0), &Rgb([255, 255, 255]));
        assert!(dark.get_pixel(0, 0).0.iter().all(|&shade| shade < 64));
    }
}

#[test]
fn an_empty_page_would_be_seen() {
    let page = html(&example(1, true));
    let (head, _) = page.split_once("<main>").expect("a main part");
    let empty = format!("{head}</body></html>");
    assert_eq!(drawn(&draw(&empty, 400, 400, Scheme::Light)), 0);
    assert!(!read(&empty).dom.contains("<h2>"));
}

#[test]
fn a_page_that_fetches_would_be_seen() {
    let page = html(&example(1, true));
    let image = "<img src=\"https://example.com/logo.png\"></main>";
    let with_image = page.replacen("</main>", image, 1);
    assert_eq!(references(&with_image).len(), 2, "an element and its attribute");
    // The policy keeps it from being fetched, and the browser says so. A page without one would
    // have its addresses looked up in silence, so the text must show them and the policy be there.
    let refused = read(&with_image).console;
    assert!(refused.iter().any(|line| line.contains("Content Security Policy")), "{refused:?}");

    for (from, to) in [
        ("</style>", "@import 'https://example.com/a.css';</style>"),
        ("</style>", "body { background: url(https://example.com/b.png); }</style>"),
        ("<main>", "<main style=\"background: url('b.png')\">"),
        ("<main>", "<a href='https://example.com'>more</a>"),
        ("<main>", "<SCRIPT>fetch('/')</SCRIPT>"),
        ("<main>", "<main onclick=\"go()\">"),
    ] {
        assert!(!references(&page.replacen(from, to, 1)).is_empty(), "{to}");
    }
}

#[test]
fn text_of_others_stays_text() {
    let evil = "<img src=x onerror=alert(1)>&\"'http://example.com";
    let mut report = example(2, true);
    report.data.source = evil.to_owned();
    report.data.channels[0] = evil.to_owned();
    report.data.normal_labels = vec![evil.to_owned()];
    report.data.roles[0].name = evil.to_owned();
    report.data.roles[0].groups = vec![evil.to_owned()];
    report.tool = evil.to_owned();
    report.network = evil.to_owned();
    report.warnings.push(evil.to_owned());
    report.threshold.digest = evil.to_owned();
    report.model.name = evil.to_owned();
    report.model.cost_basis = evil.to_owned();
    let detection = report.detection.as_mut().expect("there are abnormal windows");
    detection.by_label[0].label = evil.to_owned();
    let events = report.events.as_mut().expect("a signal");
    events.by_label[0].label = evil.to_owned();
    let choice = report.choice.as_mut().expect("models were tried");
    choice.candidates[0].network = evil.to_owned();
    let strip = report.strip.as_mut().expect("there is a strip");
    strip.pieces[0].recording = evil.to_owned();
    strip.pieces[0].place.first.time = Some(evil.to_owned());
    strip.truth[0].label = evil.to_owned();
    let courses = report.drift_courses.as_mut().expect("a signal");
    courses.drawn[0].recording = evil.to_owned();
    courses.drawn[0].told.as_mut().expect("a drift").time = Some(evil.to_owned());
    let strip = report.strip.as_mut().expect("there is a strip");
    strip.truth[0].label = evil.to_owned();
    let profile = report.profile.as_mut().expect("a signal");
    profile.problems[0] = evil.to_owned();
    profile.channels[0].channel = evil.to_owned();
    profile.channels[0].unit = evil.to_owned();
    profile.left_out.channels[0].channel = evil.to_owned();
    profile.groups[0].group = evil.to_owned();

    let page = html(&report);
    assert_eq!(references(&page), Vec::<String>::new());
    let seen = read(&page);
    assert_eq!(seen.console, Vec::<String>::new());
    assert!(!seen.dom.contains("<img"));
    // Time below the drawings, source (title, heading, fact), channel three times, label, role, group,
    // tool, network, network that was tried, warning, digest, model four times, cost twice, label,
    // label of events, recording, truth; of a drift recording and time; of the data a note, which is the warning then, channel, unit,
    // one that was left out, group.
    let shown = seen.dom.matches("&lt;img src=x onerror=alert(1)&gt;").count();
    assert_eq!(shown, 30);
}

#[test]
fn the_page_warns_where_pca_does_as_well() {
    let report = Example { channels: 1, abnormal: true, pca_is_as_good: true }.report();
    assert!(
        html(&report)
            .contains("<p class=\"warning\"><b>Warning.</b> PCA does as well here: ship it")
    );
    let page = html(&example(1, true));
    assert!(!page.contains("<b>Warning.</b>"));
    // Notes on the data have their section, and the top says how many there are.
    let note = "stays at its largest value";
    assert!(page.contains("<b>The data.</b> 1 note on what went in"));
    assert_eq!(page.matches(note).count(), 1);
    let report = Example { channels: 1, abnormal: true, pca_is_as_good: false }.report();
    let told = DetectReport { warnings: vec![format!("`acc x` {note}")], ..report };
    assert_eq!(html(&told).matches(note).count(), 1, "not twice");
}
