// Scans a QR code and takes the position, inside a form:
//   <div data-scan class="sb-scan">
//     <button type="button" data-scan-start>扫码</button>
//     <label>没有摄像头？选一张照片 <input type="file" accept="image/*" data-scan-file></label>
//     <p data-scan-message role="status"></p>
//   </div>
//   <input type="hidden" name="code"> … name="longitude" "latitude" "accuracy"
// When a code is read, the hidden inputs are filled and scan:found bubbles up with
// {code, longitude, latitude, accuracy}. With data-scan="submit" the form is then sent.
// <button type="button" data-scan-position> takes the position alone (scan:position).
const LIBRARY = new URL('../vendor/jsqr/dist/jsQR.js', import.meta.url);
const WAIT = 12000; // ms for a position
const LONGEST = 1280; // px: a larger picture is made smaller before it is read

async function reader() {
  if (!globalThis.jsQR) await import(LIBRARY); // a script that leaves jsQR on the window
  return globalThis.jsQR;
}

const canvas = document.createElement('canvas');

/** The text of the code in a picture or video frame, or an empty string. */
async function decode(picture, width, height) {
  const jsQR = await reader();
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(data, canvas.width, canvas.height)?.data ?? '';
}

const position = () => new Promise((found) => {
  if (!navigator.geolocation) { found(null); return; }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => found({ longitude: coords.longitude, latitude: coords.latitude, accuracy: coords.accuracy }),
    () => found(null),
    { enableHighAccuracy: true, timeout: WAIT, maximumAge: 10000 },
  );
});

function setUp(box) {
  const form = box.closest('form');
  const startButton = box.querySelector('[data-scan-start]');
  const file = box.querySelector('[data-scan-file]');
  const message = box.querySelector('[data-scan-message]');
  const say = (words) => { if (message) message.textContent = words; };
  const fill = (name, value) => {
    const field = form?.elements.namedItem(name);
    if (field) field.value = value ?? '';
  };
  let stream;
  let video;

  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    video?.remove();
    stream = video = undefined;
    if (startButton) startButton.hidden = false;
  };
  const place = async () => {
    const here = await position();
    for (const name of ['longitude', 'latitude', 'accuracy']) fill(name, here?.[name]);
    return here;
  };
  async function found(code) {
    close();
    fill('code', code);
    say('扫到了，正在取位置');
    const here = await place();
    say(here ? `扫到了，位置误差约 ${Math.round(here.accuracy)} 米` : '扫到了，但没有取到位置。请打开手机定位');
    box.dispatchEvent(new CustomEvent('scan:found', { bubbles: true, detail: { code, ...here } }));
    if (box.dataset.scan === 'submit') form?.requestSubmit();
  }
  async function watch() {
    if (!video) return;
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      const code = await decode(video, video.videoWidth, video.videoHeight);
      if (code && video) { await found(code); return; }
    }
    setTimeout(watch, 150);
  }
  async function start() {
    if (video) return;
    if (!navigator.mediaDevices?.getUserMedia) { say('这里不能用摄像头，请选一张二维码照片'); file?.click(); return; }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
    } catch {
      say('打不开摄像头。请在手机设置里允许，或选一张二维码照片');
      return;
    }
    video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, srcObject: stream });
    video.setAttribute('aria-label', '摄像头画面，请对准二维码');
    box.prepend(video);
    startButton.hidden = true;
    say('请对准老人家门口的二维码');
    await video.play();
    watch();
  }

  startButton?.addEventListener('click', start);
  file?.addEventListener('change', async () => {
    if (!file.files.length) return;
    try {
      const picture = await createImageBitmap(file.files[0]);
      const code = await decode(picture, picture.width, picture.height);
      if (code) await found(code); else say('照片里没有看清二维码，请靠近一点再拍一张');
    } catch {
      say('这张照片打不开，请换一张');
    }
    file.value = '';
  });
  box.querySelector('[data-scan-position]')?.addEventListener('click', async () => {
    say('正在取位置');
    const here = await place();
    say(here ? `取到了，误差约 ${Math.round(here.accuracy)} 米` : '没有取到位置。请打开手机定位，到室外再试');
    box.dispatchEvent(new CustomEvent('scan:position', { bubbles: true, detail: here }));
  });
  addEventListener('pagehide', close);
}

function find(root) {
  for (const box of root.querySelectorAll('[data-scan]')) {
    if (!box.hasAttribute('data-scan-on')) { box.setAttribute('data-scan-on', ''); setUp(box); }
  }
}

find(document);
document.body.addEventListener('htmx:load', (event) => find(event.target.parentNode ?? document));
