(()=>{var t=document.querySelector("[data-print]");t&&(t.hidden=!1,t.addEventListener("click",()=>print()));document.body.hasAttribute("data-print-now")&&addEventListener("load",()=>print());})();
