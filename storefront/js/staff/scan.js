// The camera, on demand: reads a QR code and opens its address. The decoder is loaded when the camera starts.

const view = document.querySelector("[data-scanner]");
const AGAIN = "staff-camera";

class Camera {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("[data-video]");
    this.rest = root.querySelector("[data-rest]");
    this.stopButton = root.querySelector("[data-stop]");
    this.say = document.querySelector("[data-say]");
    this.scanner = null;
    this.last = "";
    this.done = sessionStorage.getItem("staff-done");
    this.doneSeen = Date.now();
    root.hidden = false;
    root.querySelector("[data-start]").addEventListener("click", () => this.start());
    this.stopButton.addEventListener("click", () => {
      sessionStorage.removeItem(AGAIN);
      this.stop();
    });
    addEventListener("pagehide", () => this.stop());
    if (sessionStorage.getItem(AGAIN)) this.start();
  }

  async start() {
    this.say.textContent = "";
    try {
      const { default: QrScanner } = await import(this.root.dataset.library);
      this.running(true);
      this.scanner = new QrScanner(this.video, (result) => this.read(result.data), {
        preferredCamera: "environment",
        maxScansPerSecond: 12,
        returnDetailedScanResult: true,
      });
      await this.scanner.start();
      sessionStorage.setItem(AGAIN, "1");
    } catch {
      this.stop();
      this.say.textContent = this.root.dataset.noCamera;
    }
  }

  stop() {
    this.scanner?.destroy();
    this.scanner = null;
    this.running(false);
  }

  running(isOn) {
    this.video.hidden = !isOn;
    this.stopButton.hidden = !isOn;
    this.rest.hidden = isOn;
  }

  read(text) {
    const found = /(?:^|[^0-9A-Za-z])([0-9A-Za-z]{26})[^0-9A-Za-z]*$/.exec(text.trim());
    // The phone just served is often still in view: its code counts again only after it has been out of view for a while.
    if (found && found[1].toUpperCase() === this.done && Date.now() - this.doneSeen < 5000) {
      this.doneSeen = Date.now();
      return;
    }
    if (text === this.last) return;
    this.last = text;
    if (!found) {
      this.say.textContent = this.root.dataset.foreign;
      return;
    }
    this.stop();
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(40);
    location.assign(this.root.dataset.collect.replace("CODE", found[1].toUpperCase()));
  }
}

if (view && navigator.mediaDevices) new Camera(view);
