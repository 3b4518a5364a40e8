"""Chromium without a window, with no network but this machine's, watched in all that it loads."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

__all__ = ["INSTALL", "Browser", "chromium", "missing"]

INSTALL = "apt-get install --no-install-recommends chromium chromium-driver"
WAIT_SECONDS = 60

_NEEDED = ("chromium", "chromedriver")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,1000",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
_WITHIN = {"blob", "data"}
"""Schemes of addresses at which there is nothing but the address itself."""


def missing() -> list[str]:
    """Return the programs that are needed and not installed."""
    return [name for name in _NEEDED if shutil.which(name) is None]


class Browser:
    """One browser with a profile of its own."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self._requests: list[str] = []

    def forget(self, origin: str) -> None:
        """Be as new: without a page, a screen, a theme, and what that origin has stored."""
        self.open("about:blank")
        self._tell("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
        self._tell("Emulation.clearDeviceMetricsOverride")
        self._tell("Emulation.setEmulatedMedia", features=[])
        self._tell("Emulation.setScrollbarsHidden", hidden=False)
        self.allow_scripts(allowed=True)
        self.complaints()
        self.requested()
        self._requests.clear()

    def open(self, address: str) -> None:
        """Go to that address and wait until it has loaded."""
        self.driver.get(address)

    def prefer(self, scheme: str) -> None:
        """Ask pages for the `light` or the `dark` theme, as the system would."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._tell("Emulation.setEmulatedMedia", features=features)

    def resize(self, width: int, height: int, *, mobile: bool = False) -> None:
        """Give pages a screen of that size."""
        self._tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=mobile,
        )

    def hide_scroll_bars(self) -> None:
        """Show pages without them, as systems do where nobody scrolls."""
        self._tell("Emulation.setScrollbarsHidden", hidden=True)

    def allow_scripts(self, *, allowed: bool) -> None:
        """Let the scripts of pages run, or not."""
        self._tell("Emulation.setScriptExecutionDisabled", value=not allowed)

    def find(self, selector: str) -> WebElement:
        """Return the first element that is shown, waiting until there is one."""
        (first, *_) = self.find_all(selector)
        return first

    def find_all(self, selector: str) -> list[WebElement]:
        """Return the elements that are shown, waiting until there are some."""

        def shown(driver: webdriver.Chrome) -> list[WebElement]:
            found = driver.find_elements(By.CSS_SELECTOR, selector)
            return [element for element in found if element.is_displayed()]

        waiting = WebDriverWait(self.driver, WAIT_SECONDS)
        return waiting.until(shown, f"nothing is shown at {selector}")

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 (any JSON)
        """Return what the script returns."""
        return self.driver.execute_script(script, *arguments)

    def run_until_done(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 (any JSON)
        """Return what the script hands to the function that is its last argument."""
        self.driver.set_script_timeout(WAIT_SECONDS)
        return self.driver.execute_async_script(script, *arguments)

    def wait(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 (any JSON)
        """Return what the script returns once that is true."""
        waiting = WebDriverWait(self.driver, WAIT_SECONDS)
        return waiting.until(lambda _: self.run(script, *arguments), f"it stays false: {script}")

    def picture(self) -> bytes:
        """Return what is to be seen, as PNG."""
        return self.driver.get_screenshot_as_png()

    def complaints(self) -> list[str]:
        """Return the errors that the console has shown since the last call."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def requested(self) -> list[str]:
        """Return every address that pages have asked for, whether or not it answered."""
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self._requests.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.webSocketCreated":
                self._requests.append(message["params"]["url"])
        return [url for url in self._requests if urlsplit(url).scheme not in _WITHIN]

    def requested_beyond(self, origin: str) -> list[str]:
        """Return every address that pages have asked for that is not of this origin."""
        return [url for url in self.requested() if urlsplit(url)[:2] != urlsplit(origin)[:2]]

    def _tell(self, command: str, **parameters: object) -> None:
        self.driver.execute_cdp_cmd(command, parameters)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which(_NEEDED[0]) or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options, Service(shutil.which(_NEEDED[1])))
        try:
            yield Browser(driver)
        finally:
            driver.quit()
