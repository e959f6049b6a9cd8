use super::*;

fn point(epoch: u32, train_loss: f64, test_bce: f64, test_mse: f64) -> CurvePoint {
    CurvePoint { epoch, train_loss, test_bce, test_mse }
}

/// The `d` of every coloured line, in order.
fn lines(svg: &str) -> Vec<&str> {
    svg.split("<path ")
        .filter(|line| line.contains("stroke-width=\"1.8\""))
        .map(|line| line.split('"').nth(1).unwrap())
        .collect()
}

/// Fails unless every element is closed by its own name and no text is left outside; attributes and
/// text are not looked into.
fn assert_well_formed(svg: &str) {
    let mut open = vec![];
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split([' ', '>']).next().unwrap());
        }
        assert!(!open.is_empty() || text.trim().is_empty());
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn points_are_where_the_axes_say() {
    let points = [point(1, 3.0, 2.0, 0.0), point(2, 1.0, 1.5, 1.5), point(3, 0.0, 1.0, 3.0)];
    let svg = loss_curve("run", TrainLoss::CrossEntropy, &points);
    assert_well_formed(&svg);
    // y from 0 at 340 to 3 at 96; x from epoch 1 at 70 to epoch 3 at 460, and 550 to 940 on the
    // right.
    assert_eq!(
        lines(&svg),
        [
            "M70.0 96.0L265.0 258.7L460.0 340.0",
            "M70.0 177.3L265.0 218.0L460.0 258.7",
            "M550.0 340.0L745.0 218.0L940.0 96.0",
        ]
    );
    assert_eq!(svg.matches("<circle").count(), 9);
    for text in
        [">train loss 0.00000<", ">test cross-entropy 1.00000<", ">test squared error 3.00000<"]
    {
        assert!(svg.contains(text), "{text}");
    }
    for label in [">0.0<", ">1.5<", ">3.0<", ">1<", ">2<", ">3<", ">epoch<"] {
        assert_eq!(svg.matches(label).count(), 2, "{label}");
    }
}

#[test]
fn train_loss_stands_with_the_figure_of_its_unit() {
    let points = [point(1, 0.0, 2.0, 3.0), point(2, 1.0, 1.0, 0.0)];
    let svg = loss_curve("run", TrainLoss::SquaredError, &points);
    // The train loss is the second line, on the right.
    assert_eq!(lines(&svg)[1], "M550.0 340.0L940.0 258.7");
}

#[test]
fn no_epoch_and_one_epoch() {
    let svg = loss_curve("run", TrainLoss::CrossEntropy, &[]);
    assert_well_formed(&svg);
    assert_eq!(svg.matches("no epoch yet").count(), 2);

    let svg = loss_curve("run", TrainLoss::CrossEntropy, &[point(1, 0.4, 0.33, 0.03)]);
    assert_well_formed(&svg);
    // A line of one point shows nothing, so there is a dot, in the middle.
    assert_eq!(svg.matches("<circle cx=\"265.0\"").count(), 2);
    assert_eq!(svg.matches("<circle cx=\"745.0\"").count(), 1);
}

#[test]
fn values_that_are_not_finite_leave_gaps() {
    let values = [3.0, f64::NAN, 0.0, 1.5, f64::INFINITY];
    let points: Vec<CurvePoint> =
        (1..).zip(values).map(|(epoch, value)| point(epoch, 1.0, 1.0, value)).collect();
    let svg = loss_curve("run", TrainLoss::CrossEntropy, &points);
    assert_well_formed(&svg);
    assert_eq!(lines(&svg)[2], "M550.0 96.0M745.0 340.0L842.5 218.0");
    assert!(svg.contains(">test squared error inf<"));

    let svg = loss_curve("run", TrainLoss::CrossEntropy, &[point(1, 1.0, 1.0, f64::NAN)]);
    assert_eq!(svg.matches("no finite value").count(), 1);
    let svg = loss_curve("run", TrainLoss::CrossEntropy, &[point(1, 1e90, f64::MAX, -1e300)]);
    assert_well_formed(&svg);
    assert!(svg.contains(">train loss 1.000e90<"));
}

#[test]
fn many_epochs_have_dots_only_where_a_value_stands_alone() {
    let value = |epoch| if epoch % 50 == 1 { f64::NAN } else { 1.0 / f64::from(epoch) };
    let mut points: Vec<CurvePoint> = (1..=100).map(|e| point(e, 1.0, 1.0, value(e))).collect();
    assert!(!loss_curve("run", TrainLoss::CrossEntropy, &points).contains("<circle"));
    points[98].test_mse = f64::NAN;
    let svg = loss_curve("run", TrainLoss::CrossEntropy, &points);
    assert_eq!(svg.matches("<circle cx=\"940.0\"").count(), 1);
}

#[test]
fn title_is_escaped() {
    for (title, expected) in [
        ("<a> & \"b\"\n\u{1}é", "&lt;a&gt; &amp; &quot;b&quot;\n\\u{1}é"),
        (
            "</title><script>alert('1')</script>",
            "&lt;/title&gt;&lt;script&gt;alert('1')&lt;/script&gt;",
        ),
        ("]]>\r\u{202e}gpj.exe", "]]&gt;\\r\\u{202e}gpj.exe"),
    ] {
        let svg = loss_curve(title, TrainLoss::CrossEntropy, &[]);
        assert_well_formed(&svg);
        assert!(svg.contains(&format!("<title>{expected}</title>")), "{svg}");
    }
}
