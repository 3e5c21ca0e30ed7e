# report.py - drives the page of `varsdb report` as a person would: report.py VARSDB CHROMIUM SCRATCH [SCREENSHOTS]
import array
import json
import math
import os
import random
import struct
import subprocess
import sys
import time

from chromium import Chromium

VARSDB, BROWSER, SCRATCH = sys.argv[1:4]
SCREENSHOTS = sys.argv[4] if len(sys.argv) > 4 else None
SECONDS = 2.0  # in which 2,000 variables by 50 snapshots are to be seen
HOSTILE = "x/<script>window.hit = 1</script><img src=x onerror='window.hit=2'>\"&amp;"
passed = failed = 0


def check(what, got, expected=True):
    global passed, failed
    if got == expected:
        passed += 1
    else:
        failed += 1
        print(f"report.py: {what}: {got!r}, not {expected!r}")


def varsdb(*arguments):
    subprocess.run([VARSDB, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write_safetensors(path, tensors):
    """tensors: name to (shape, array of floats)"""
    header, at = {}, 0
    for name, (shape, values) in tensors.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + 4 * len(values)]}
        at += 4 * len(values)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, values in tensors.values():
            file.write(values.tobytes())


# ---- registries

def make_small(db):
    """Three steps of a few variables, with one of each alarm, and a name that would like to be a script."""
    file = os.path.join(SCRATCH, "small.safetensors")
    for step in range(3):
        grown = 1.0 + step
        values = {
            "encoder/layer_0/kernel": ([4, 4], array.array("f", [grown * (i - 7.5) for i in range(16)])),
            "encoder/layer_0/bias": ([4], array.array("f", [0.5, -0.5, 0.25, 1.0])),
            "encoder/layer_1/kernel": ([4, 2], array.array("f", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])),
            "decoder/out": ([3], array.array("f", [1.0, math.nan if step == 1 else 2.0, 3.0])),
            "decoder/burst": ([2], array.array("f", [[1.0, 1.0], [1.1, 1.0], [500.0, 1.0]][step])),
            "decoder/lost": ([2], array.array("f", [1.0, math.nan if step else 2.0])),
            HOSTILE: ([2], array.array("f", [1.0, 2.0])),
        }
        write_safetensors(file, values)
        varsdb("import", db, file, "--model", "--on-conflict", "replace", "--trainable", "kernel|bias")
        varsdb("snapshot", db, "--step", str(step))
    varsdb("get", db, "dead", "--value", "[1,1,1]")
    varsdb("set", db, "dead", "--value", "[0,0,0]")
    varsdb("get", db, "later", "--shape", "7", "--init", "none")


def make_large(db):
    """2,000 variables by 50 snapshots, of which every one changed every variable."""
    draw = random.Random(1)
    parts = ["attention/query", "attention/key", "attention/value", "attention/out", "mlp/in", "mlp/out", "norm_1",
             "norm_2", "adapter/a", "adapter/b"]
    names = [f"model/layer_{n}/{part}/{kind}" for n in range(50) for part in parts
             for kind in ("kernel", "bias", "scale", "shift")]
    values = [array.array("f", [draw.gauss(0, 1) for _ in range(draw.choice([8, 16, 32]))]) for _ in names]
    file = os.path.join(SCRATCH, "large.safetensors")
    for step in range(50):
        for value in values:
            value[draw.randrange(len(value))] += draw.gauss(0, 0.1)
        write_safetensors(file, {name: ([len(v)], v) for name, v in zip(names, values)})
        varsdb("import", db, file, "--as-snapshot", "--step", str(step))
    varsdb("import", db, file, "--model", "--trainable", "kernel|bias")
    return len(names)


# ---- what is seen

ROWS = "[...document.querySelectorAll('#space .row')].map((r) => r.dataset.name)"


def texts(page, selector):
    return page.run("[...document.querySelectorAll(%s)].map((n) => n.textContent)" % json.dumps(selector))


def shown(page, selector):
    return page.run("(() => { const n = document.querySelector(%s); return !!n && n.getClientRects().length > 0; })()"
                    % json.dumps(selector))


def luminance(page, selector, which):
    """Of a colour that is computed, after WCAG."""
    colour = page.run("getComputedStyle(document.querySelector(%s)).%s" % (json.dumps(selector), which))
    parts = [float(n) / 255 for n in colour[colour.index("(") + 1:-1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(page, ink, back):
    """Of a text's colour, or a shape's, against the background that it stands on."""
    a, b = luminance(page, *ink), luminance(page, *back)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def check_table(page, url):
    names = page.run(ROWS)
    check("rows in the registry's order", names[0], "encoder/layer_0/kernel")
    check("how many rows", len(names), 9)
    page.click("[data-sort=bytes]")
    check("the largest first", page.run(ROWS)[:2], ["encoder/layer_0/kernel", "encoder/layer_1/kernel"])
    check("the sorted column tells", page.run("document.querySelector('.k-bytes[aria-sort]').getAttribute('aria-sort')"), "descending")
    page.click("[data-sort=bytes]")
    check("the smallest first", page.run(ROWS)[-1], "encoder/layer_0/kernel")
    page.click("[data-sort=name]")
    check("by name", page.run(ROWS), sorted(page.run(ROWS)))
    page.run("document.getElementById('q').focus()")
    page.type("kernel 4×2")
    check("a filter of words", page.run(ROWS), ["encoder/layer_1/kernel"])
    check("the hash has it", page.run("location.hash"), "#q=kernel%204%C3%972&sort=name")
    page.reload()
    check("and a reload keeps it", page.run(ROWS), ["encoder/layer_1/kernel"])
    check("in its field", page.run("document.getElementById('q').value"), "kernel 4×2")
    page.click("#clear")
    check("all again", len(page.run(ROWS)), 9)
    page.run("(() => { const c = document.getElementById('c'); c.value = 'trainable_variables'; c.dispatchEvent(new Event('change')); })()")
    check("a collection", page.run(ROWS), ["dead", "encoder/layer_0/bias", "encoder/layer_0/kernel", "encoder/layer_1/kernel", "later"])
    page.run("history.back()")
    page.until("location.hash === '#sort=name'")
    check("back", len(page.run(ROWS)), 9)
    page.open(url)


def check_alarms(page):
    chips = texts(page, "#alarm-list .chip")
    check("alarms, the worst first", chips, ["NaN 1", "exploding 1", "dead 1", "in snapshots 1"])
    check("where NaN began", "decoder/lost (since step 1)" in page.run("document.getElementById('alarm-list').textContent"))
    check("NaN that went away", "not any more: decoder/out" in page.run("document.getElementById('alarm-list').textContent"))
    page.click("#alarm-list .chip.bad")
    check("a click on NaN lists them", page.run(ROWS), ["decoder/lost"])
    page.run("location.hash = '#is=alarm'")
    page.until("document.querySelectorAll('#space .row').length === 3")
    check("all with an alarm", page.run(ROWS), ["decoder/burst", "decoder/lost", "dead"])
    page.run("location.hash = '#'")


def check_panel(page, url):
    page.open(url + "#v=encoder/layer_0/kernel")
    check("a link opens a variable", texts(page, "#panel-title"), ["encoder/layer_0/kernel"])
    panel = page.run("document.getElementById('panel').textContent")
    for part in ("float32", "4 × 4", "16 elements", "trainable_variables", "import"):
        check(f"it tells {part}", part in panel)
    labels = page.run("[...document.querySelectorAll('#panel svg')].map((n) => n.getAttribute('aria-label'))")
    # Of (i - 7.5) for 16 of them the squares are 340 together; it grew from 1 to 3 times that.
    check("a histogram", labels[0], "Histogram of 16 values from −22.5 to 22.5, most between −22.5 and −20.25")
    check("norms", labels[1], "L2 norm: 18.44 at step 0, 55.32 at now")
    check("updates", labels[2], "Relative change: 100 % at step 1, 0 % at now")
    page.key("Escape", 27)
    check("Escape closes it", shown(page, "#panel"), False)
    check("and leaves no hash", page.run("location.hash"), "")
    page.run("document.getElementById('body').focus()")
    page.key("ArrowDown", 40)
    page.key("ArrowDown", 40)
    page.key("Enter", 13)
    check("by keys", texts(page, "#panel-title"), ["encoder/layer_0/bias"])
    check("the title has the focus", page.run("document.activeElement.id"), "panel-title")
    page.reload()
    check("a reload opens the same", texts(page, "#panel-title"), ["encoder/layer_0/bias"])
    page.click("#close")
    check("closed", shown(page, "#panel"), False)
    page.open(url + "#v=" + "no/such")
    check("a link to what is not there", "no/such is not there" in page.run("document.getElementById('count').textContent"))


def check_norms(page, url):
    page.open(url + "#v=encoder/layer_0/kernel")
    panel = page.run("document.getElementById('panel').textContent")
    check("what was not read is said of updates", "Dotted is the difference of the norms" in panel)
    check("and drawn so", page.run("document.querySelectorAll('#panel .dashed').length"), 1)
    check("and of values", "Its values were not read" in panel)
    # From norm 1 to 2 to 3 of the same direction: what it is at least is what it is.
    label = page.run("document.querySelectorAll('#panel svg')[1].getAttribute('aria-label')")
    check("from the norms", label, "Relative change: 100 % at step 1, 0 % at now")
    check("the page says so", "no values were read" in page.run("document.getElementById('time-note').textContent"))
    check("how many have no histogram", "8 variables without a histogram" in page.run("document.getElementById('foot').textContent"))


def check_map(page, url):
    page.open(url)
    tile = page.run("document.querySelector('.tile').getAttribute('aria-label')")
    check("the largest scope", tile, "encoder: 28 elements, 112 B, 3 variables")
    page.run("document.querySelector('.tile').focus()")
    page.key("Enter", 13)
    check("Enter goes into it", page.run("location.hash"), "#z=encoder")
    check("crumbs", texts(page, "#crumbs li"), ["all", "encoder"])
    check("the table follows", len(page.run(ROWS)), 3)
    page.click("#crumbs button")
    check("and out", page.run("location.hash"), "")
    page.click(".meet")
    check("a set of collections", page.run("location.hash"), "#x=variables,model_variables")
    check("what is in exactly these", page.run(ROWS), ["decoder/out", "decoder/burst", "decoder/lost", HOSTILE])
    page.reload()
    check("after a reload, too", len(page.run(ROWS)), 4)


def check_hostile(page, url):
    page.open(url)
    check("the name is text", HOSTILE in [t.split("\n")[0] for t in texts(page, "#space .name")])
    page.run("[...document.querySelectorAll('#space .row')].find((r) => r.dataset.name.startsWith('x/<')).click()")
    check("in the panel, too", texts(page, "#panel-title"), [HOSTILE])
    page.reload()
    check("and through a link", texts(page, "#panel-title"), [HOSTILE])
    check("none of it ran", page.run("window.hit === undefined"))
    check("none of it is an element", page.run("document.querySelectorAll('img').length + document.scripts.length"), 2)
    # The policy holds: what a script would add does not run, and asks for nothing.
    seen = len(page.console)
    page.run("""(() => { const s = document.createElement("script"); s.textContent = "window.hit = 3"; document.body.append(s);
        const i = document.createElement("img"); i.src = "http://127.0.0.1:9/x.png"; document.body.append(i);
        return fetch("http://127.0.0.1:9/").catch(() => 0); })()""")
    check("the policy stops scripts", page.run("window.hit === undefined"))
    check("and says so", len(page.console) > seen)
    del page.console[seen:]
    # Refused ones may be announced; none of them is answered.
    page.requests[:] = [r for r in page.requests if not r.startswith("http://127.0.0.1:9/")]


def check_looks(page, url):
    for theme in ("light", "dark"):
        page.media(prefers_color_scheme=theme)
        page.open(url)
        back = luminance(page, ".card", "backgroundColor")
        check(f"{theme} is {theme}", back > 0.5 if theme == "light" else back < 0.1)
        for ink, ground in (("h2", ".card"), (".note", ".card"), (".chip.bad", "#alarms"), (".link", "#alarms")):
            check(f"contrast of {ink}, {theme}", contrast(page, (ink, "color"), (ground, "backgroundColor")) >= 4.5)
        check(f"contrast of tiles, {theme}", contrast(page, (".tile text", "fill"), (".tile.c0 rect", "fill")) >= 4.5)
    page.media(prefers_color_scheme="light")
    page.open(url)
    page.click("#theme")
    page.click("#theme")
    check("the button says it", texts(page, "#theme"), ["Theme: dark"])
    check("and it is so", luminance(page, ".card", "backgroundColor") < 0.1)
    page.reload()
    check("after a reload, too", luminance(page, ".card", "backgroundColor") < 0.1)
    page.click("#theme")
    for width in (1280, 400):
        page.size(width, 800, phone=width < 500)
        for hash_text in ("", "#v=encoder/layer_0/kernel"):
            page.open(url + hash_text)
            check(f"nothing is wider than {width}", page.run("document.documentElement.scrollWidth") <= width)
    page.size(1280, 800)
    page.open(url)
    page.call("Emulation.setEmulatedMedia", media="print")
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    check("printed are all rows", len(page.run(ROWS)), 9)
    check("and no field", shown(page, "#q"), False)
    page.run("window.dispatchEvent(new Event('afterprint'))")
    page.call("Emulation.setEmulatedMedia", media="")


def check_without_scripts(page, url):
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.call("Page.navigate", url=url)
    time.sleep(0.5)
    text = page.run("document.querySelector('.plain') ? document.querySelector('.plain').innerText : ''")
    check("without scripts there are figures", "9 variables" in text and "3 snapshots" in text)
    page.call("Emulation.setScriptExecutionDisabled", value=False)


def check_large(page, url, variables, size):
    page.size(1280, 800)
    times = []
    for _ in range(3):
        page.open(url)
        times.append(page.run("performance.getEntriesByName('drawn')[0].startTime") / 1000)
    best, first = min(times), times[0]
    print(f"report.py: {variables} variables by 50 snapshots, {size / 1e6:.1f} MB: drawn {first:.2f} s after the navigation began, "
          f"at best {best:.2f} s")
    check(f"drawn within {SECONDS} s", best < SECONDS)
    check("rows are few elements", page.run("document.querySelectorAll('#space .row').length") < 60)
    page.run("document.getElementById('body').scrollTop = 1e9")
    page.until("[...document.querySelectorAll('#space .row')].some((r) => r.dataset.name === 'model/layer_49/adapter/b/shift')")
    started = time.monotonic()
    page.run("location.hash = '#q=attention+bias'.replace('+', '%20')")
    page.until("document.querySelectorAll('#space .row').length > 0 && document.getElementById('count').textContent.startsWith('200 ')")
    check("a filter takes no second", time.monotonic() - started < 1)


def check_empty(page, url):
    page.open(url)
    check("nothing in it, and said so", texts(page, "#space .nothing"), ["No variable is like that."])
    check("no snapshots", shown(page, "#time"), False)


def pictures(page, url, name):
    for width, theme in ((1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")):
        page.media(prefers_color_scheme=theme)
        for hash_text, which in (("", ""), ("#v=encoder/layer_0/kernel", "-panel")):
            page.size(width, 800)
            page.open(url + hash_text)
            if not hash_text:
                page.size(width, page.run("document.documentElement.scrollHeight"))
                time.sleep(0.5)
            page.screenshot(os.path.join(SCREENSHOTS, f"{name}-{width}-{theme}{which}.png"))


def main():
    urls = {}
    for name in ("small", "large", "empty"):
        db, page = os.path.join(SCRATCH, name + ".db"), os.path.join(SCRATCH, name + ".html")
        if name == "small":
            make_small(db)
        elif name == "large":
            variables = make_large(db)
        else:
            varsdb("init", db)
        varsdb("report", db, "-o", page)
        urls[name] = "file://" + page
    norms = os.path.join(SCRATCH, "norms.html")
    varsdb("report", os.path.join(SCRATCH, "small.db"), "-o", norms, "--changes", "none", "--histograms", "none")
    urls["norms"] = "file://" + norms
    size = os.path.getsize(os.path.join(SCRATCH, "large.html"))
    page = Chromium(BROWSER)
    try:
        page.size(1280, 800)
        page.open(urls["small"])
        check_alarms(page)
        check_table(page, urls["small"])
        check_panel(page, urls["small"])
        check_norms(page, urls["norms"])
        check_map(page, urls["small"])
        check_hostile(page, urls["small"])
        check_looks(page, urls["small"])
        check_without_scripts(page, urls["small"])
        check_large(page, urls["large"], variables, size)
        check_empty(page, urls["empty"])
        check("what the console said", page.console, [])
        asked = {url.split("#")[0] for url in page.requests} - set(urls.values()) - {"about:blank"}
        check("what the network was asked for", asked, set())
        if SCREENSHOTS:
            os.makedirs(SCREENSHOTS, exist_ok=True)
            pictures(page, urls["small"], "small")
            pictures(page, urls["large"], "large")
    finally:
        page.close()
    print(f"report.py: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
