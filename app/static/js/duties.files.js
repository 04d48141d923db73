// Photos and voice notes of a visit: made small in the phone, kept in the outbox, sent after the visit itself.
(function () {
  "use strict";
  const outbox = window.ShouwangOutbox;
  if (!outbox) return;
  const LONGEST_SIDE = 1600; // enough to read a paper on the wall
  const QUALITY = 0.75;
  const MOST = 6;

  /** The files chosen in the form, before it is reset. */
  function chosen(form) {
    return Array.from(form.querySelectorAll('input[type="file"]')).flatMap((input) => Array.from(input.files)).slice(0, MOST);
  }

  function read(blob) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.split(",")[1]);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
  }

  /** A photo drawn anew is smaller and tells nothing of where it was taken. One that cannot be drawn is sent as it is. */
  async function smaller(file) {
    try {
      const image = await window.createImageBitmap(file);
      const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.width * scale);
      canvas.height = Math.round(image.height * scale);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return await new Promise((resolve) => { canvas.toBlob((blob) => resolve(blob || file), "image/jpeg", QUALITY); });
    } catch (error) {
      return file; // the server says what is wrong with it
    }
  }

  async function add(file, visit, name) {
    const blob = file.type.startsWith("image/") ? await smaller(file) : file;
    const data = await read(blob);
    return outbox.add({ kind: "file", visit: visit.client_id, household: visit.household, data }, { name, tasks: [] });
  }

  outbox.files = { chosen, add };
})();
