"""Words that screens are written in. They need no meaning together, only the look of a language."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QFontDatabase


@dataclass(frozen=True, slots=True)
class Language:
    """Captions of controls, words of running text, and what stands between words."""

    captions: tuple[str, ...]
    words: tuple[str, ...]
    system: QFontDatabase.WritingSystem
    space: str = " "


_System = QFontDatabase.WritingSystem


def _language(
    captions: str, words: str, system: QFontDatabase.WritingSystem, space: str = " "
) -> Language:
    return Language(tuple(captions.split("|")), tuple(words.split()), system, space)


_LANGUAGES = (
    _language(
        "OK|Cancel|Apply|Save as…|Open|Close|Search|New folder|Sign in|Settings|Edit|View|File|"
        "Help|Tools|Window|Delete|Rename|Add to cart|Next|Back|Finish|Download|Upload|Share|"
        "Options|General|Advanced|Network|Colours|Printer|Keep me signed in|Show hidden files|"
        "Language|Start|Stop|Refresh|Import data|Export|Filter|Sort by name|Details|"
        "Properties|Profile|Remember this choice|Enable sound|Auto|Zoom|Reset|Send|Reply|"
        "Check for updates|Log out",
        "the a file of your account was and to image in project for date size with name we each "
        "can new from window page level order about city house green light water table between "
        "when place never report value small open quickly number side change point story until "
        "message every country second while server paper along music field travel region",
        _System.Latin,
    ),
    _language(
        "OK|Abbrechen|Übernehmen|Speichern unter …|Öffnen|Schließen|Suchen|Einstellungen|"
        "Bearbeiten|Ansicht|Datei|Hilfe|Löschen|Umbenennen|Weiter|Zurück|Fertigstellen|Herunterladen|Allgemein|"
        "Erweitert|Netzwerk|Drucker|Angemeldet bleiben|Sprache|Aktualisieren|Eigenschaften|"
        "In den Warenkorb|Anmelden|Neuer Ordner|Versteckte Dateien zeigen|Ton einschalten|Größe",
        "der die das und ist eine Datei mit Bild Seite für wird neue Größe zwischen Fenster "
        "Straße Haus Wasser nicht über unter mehr Anwendung Einstellung Ordner können heute "
        "Nachricht Verbindung wählen später Übersicht Bestellung Rechnung Benutzer alle",
        _System.Latin,
    ),
    _language(
        "Valider|Annuler|Appliquer|Enregistrer sous…|Ouvrir|Fermer|Rechercher|Paramètres|Édition|"
        "Affichage|Fichier|Aide|Supprimer|Renommer|Suivant|Précédent|Terminer|Télécharger|Général|"
        "Avancé|Réseau|Imprimante|Rester connecté|Langue|Actualiser|Propriétés|Ajouter au panier|"
        "Se connecter|Nouveau dossier|Afficher les fichiers cachés|Activer le son|Trier",
        "le la les une et est dans fichier pour avec image page taille entre fenêtre maison eau "
        "ne plus sur sous application réglage dossier pouvoir message choisir après compte "
        "commande facture nouveau utilisateur été même très où déjà première",
        _System.Latin,
    ),
    _language(
        "Aceptar|Cancelar|Aplicar|Guardar como…|Abrir|Cerrar|Buscar|Ajustes|Editar|Ver|Archivo|"
        "Ayuda|Eliminar|Siguiente|Atrás|Finalizar|Descargar|General|Avanzado|Red|Impresora|Idioma|"
        "Actualizar|Propiedades|Añadir al carrito|Iniciar sesión|Nueva carpeta|Recordar contraseña",
        "el la los una y es en archivo para con imagen página tamaño entre ventana casa agua no "
        "más sobre bajo aplicación carpeta puede mensaje elegir después cuenta pedido factura "
        "nuevo usuario señal también último camino",
        _System.Latin,
    ),
    _language(
        "Готово|Отмена|Применить|Сохранить как…|Открыть|Закрыть|Поиск|Настройки|Правка|Вид|Файл|"
        "Справка|Удалить|Переименовать|Далее|Назад|Загрузить|Общие|Дополнительно|Сеть|Принтер|"
        "Язык|Обновить|Свойства|В корзину|Войти|Новая папка|Запомнить меня|Включить звук",
        "и в на не файл для с рисунок страница размер между окно дом вода больше под над папка "
        "может сообщение выбрать после счёт заказ новый пользователь ещё также всё время город",
        _System.Cyrillic,
    ),
    _language(
        "确定|取消|应用|另存为…|打开|关闭|搜索|设置|编辑|视图|文件|帮助|工具|窗口|删除|重命名|下一步|上一步|完成|下载|上传|"
        "分享|常规|高级|网络|打印机|记住密码|显示隐藏文件|语言|刷新|属性|加入购物车|登录|新建文件夹|开启声音|导入数据|导出|"
        "排序方式|详细信息|个人资料|检查更新|退出登录|消息|首页",
        "文件 图像 页面 大小 窗口 我们 可以 选择 之后 账户 订单 发票 新的 用户 时间 城市 "
        "房子 水 之间 消息 应用 目录 设置 需要 已经 没有 这个 项目 以及 或者 全部 "
        "问题 显示 数据 今天 内容 更多 服务 开始",
        _System.SimplifiedChinese,
        "",
    ),
    _language(
        "キャンセル|適用|名前を付けて保存|開く|閉じる|検索|設定|編集|表示|ファイル|ヘルプ|ツール|削除|次へ|戻る|完了|"
        "ダウンロード|全般|詳細設定|ネットワーク|プリンター|言語|更新|プロパティ|カートに入れる|ログイン|新規フォルダー|"
        "パスワードを記憶する|隠しファイルを表示|音を有効にする",
        "ファイル 画像 ページ サイズ ウィンドウ 私たち できる 選択 その後 アカウント 注文 "
        "新しい ユーザー 時間 街 家 水 間に メッセージ アプリ 必要 すでに ない この "
        "項目 および すべて 表示 データ 今日 内容",
        _System.Japanese,
        "",
    ),
)


def languages() -> tuple[Language, ...]:
    """Those that the fonts of this machine can write. English is the first."""
    return tuple(
        language
        for language in _LANGUAGES
        if language is _LANGUAGES[0] or QFontDatabase.families(language.system)
    )
